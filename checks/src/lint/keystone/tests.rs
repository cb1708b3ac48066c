//! Against what Keystone itself said (fixtures/keystone/generate.py).

use super::*;

fn corpus() -> Value {
    let text = include_str!("../../../../fixtures/keystone/cases.json");
    serde_json::from_str(text).unwrap()
}

fn array<'v>(value: &'v Value, name: &str) -> &'v Vec<Value> {
    value[name].as_array().unwrap()
}

/// What came out, in the words of the corpus.
fn said(result: Result<Mapped, Failure>) -> Value {
    match result {
        Err(Failure::NoRule(_)) => serde_json::json!({"error": "no-rule"}),
        Err(Failure::Refused(_)) => serde_json::json!({"error": "refused"}),
        Err(Failure::Broken(_)) => serde_json::json!({"error": "broken"}),
        Err(Failure::Open(why)) => serde_json::json!({"open": why}),
        Ok(mapped) => {
            let names = mapped.group_names.into_iter();
            let names = names.map(|(name, domain)| (name, serde_json::from_str::<Value>(&domain).unwrap()));
            serde_json::json!({
                "user": mapped.user.unwrap_or_else(|| serde_json::json!({})),
                "group_ids": mapped.group_ids,
                "group_names": names.collect::<BTreeMap<_, _>>(),
            })
        }
    }
}

#[test]
fn people_become_what_keystone_makes_of_them() {
    let corpus = corpus();
    let mut wrong = Vec::new();
    for case in array(&corpus, "cases") {
        let assertion: Assertion = serde_json::from_value(case["assertion"].clone()).unwrap();
        let ours = said(map(array(case, "rules"), &assertion));
        let mut theirs = case["gives"].clone();
        if let Some(names) = theirs.get("group_names").and_then(Value::as_array) {
            let pairs = names.iter().map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].clone()));
            theirs["group_names"] = pairs.collect::<serde_json::Map<_, _>>().into();
        }
        if ours != theirs {
            wrong.push(format!("{}\n  {}\n  Keystone: {theirs}\n  ours:     {ours}", case["rules"], case["assertion"]));
        }
    }
    assert!(array(&corpus, "cases").len() >= 300);
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn keystone_refuses_the_mappings_that_lint_says_it_refuses() {
    let corpus = corpus();
    let mut wrong = Vec::new();
    for case in array(&corpus, "structures") {
        let text = case["mapping"].to_string();
        let mut sink = super::super::model::Sink::new("mapping.json");
        super::super::mapping::judge(&super::super::tree::json(&text, 0).unwrap(), &mut sink);
        let refused = sink.hits.iter().any(|(_, finding)| finding.message.contains("Keystone refuses the mapping"));
        if case["valid"] == refused {
            wrong.push(format!("{text}: valid: {}", case["valid"]));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_list_of_groups_behind_a_web_server_is_one_text() {
    let rules = serde_json::json!([{
        "local": [{ "user": { "name": "{0}" } }],
        "remote": [{ "type": "HTTP_OIDC_EMAIL" }, { "type": "HTTP_OIDC_GROUPS", "any_one_of": ["admins"] }],
    }]);
    let rules = rules.as_array().unwrap();
    let person = |groups: Value| {
        let claims = serde_json::json!({ "sub": "a", "email": "a@example.com", "groups": groups });
        map(rules, &assertion(rules, claims.as_object().unwrap()))
    };
    assert_eq!(person(serde_json::json!(["admins"])).unwrap().user.unwrap()["name"], "a@example.com");
    let why = person(serde_json::json!(["admins", "users"])).unwrap_err();
    assert_eq!(why, Failure::NoRule(vec!["rule 1: `HTTP_OIDC_GROUPS` is none of any_one_of".into()]));
}
