//! Refresh tokens: what they bring, and what a thief of one could do.

group![works, response, id_token, authenticated, rotation,];
