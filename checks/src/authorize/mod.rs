//! The authorization request: is it accepted as the application sends it, and answered as the specifications say, and
//! is the page that it leads to safe from frames.

group![application_request, state_returned, issuer_returned, no_framing];
