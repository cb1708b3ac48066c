//! The provider's metadata: can it be had, can it be read, does it say what the application needs.

group![reachable, issuer_exact];
