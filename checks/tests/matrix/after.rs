//! What is tried after a login: the used code once more, and a login at the application itself.

use super::{LoginFails, LoginStep, Mutation, Slot, Unsafe, response, seen};
use oidcheck_checks::evidence::Request;

pub(super) fn mutations() -> Vec<Mutation> {
    vec![
        seen("token-response/code-once", "generic", Unsafe, "the used code works again", |e| {
            let again = e.get_mut(&Slot::Login(LoginStep::Tokens, "alice".into())).expect("somebody logged in").clone();
            e.record(Slot::Login(LoginStep::Replay, "alice".into()), again);
        }),
        seen("app/lets-in", "proxmox", LoginFails, "the application gives no ticket", |e| {
            let mut answer = e.get_mut(&Slot::Login(LoginStep::Tokens, "alice".into())).expect("logged in").clone();
            answer.request = Request::new("POST", "https://app.lab.test/api2/json/access/openid/login");
            e.record(Slot::Login(LoginStep::Application, "alice".into()), answer);
            response(e, LoginStep::Application).status = 401;
        }),
    ]
}
