//! The token endpoint, asked with a code that never existed.

group![secret_accepted, public_client_accepted, error_format];
