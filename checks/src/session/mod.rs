//! The session that a login leaves at the provider: what it answers, and how it ends.

group![silent, hint, other_person, prompt_login, max_age, logout, logout_returns, forged_hint,];
