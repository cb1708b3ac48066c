//! The application itself: what to know about it before it is deployed, whatever the provider does.

group![known_risks, lets_in, mapping, secure_context];
