//! The connection: is the certificate one that the application will trust, today and next week.

group![certificate_trusted, certificate_days_left, chain_days_left, old_protocols];
