//! What the application itself shows without a login, compared with what was typed and with its profile.

group![as_typed];
