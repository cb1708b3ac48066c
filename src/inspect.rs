//! One token, or one token response, as a person wants to see it: what it says, who signed it, and what each
//! application makes of it.
//!
//! The text that was given is never repeated: a signature, and the claims that name one token or one session, are left
//! out of every form of the report, so that it can be pasted anywhere.

mod given;
mod report;

pub use given::{Given, Keys};
pub use report::{Inspection, ProfileSays, Said, TokenView, human, inspect};
