//! What a browser lets an application read across origins.

group![browser];
