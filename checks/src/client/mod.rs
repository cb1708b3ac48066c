//! The client itself: does the provider know it.

group![known];
