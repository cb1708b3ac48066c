//! The authorization request: is it accepted as the application sends it, and answered as the specifications say.

group![application_request, state_returned, issuer_returned];
