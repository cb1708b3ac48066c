//! Which members of the metadata a library needs, which types it insists on, and when it notices.

use super::{Refusal, Rule, When};
use crate::evidence::json::{Node, Value};
use crate::evidence::metadata::{KNOWN, Kind, Metadata};
use crate::verdict::Step;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Which members' JSON types are enforced when the document is read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Typed {
    /// None.
    #[default]
    None,
    /// Every member that the specifications define.
    Known,
    /// Every known list and flag, but not the URLs.
    ListsAndFlags,
    /// Only these.
    Only(Vec<String>),
}

/// The rules.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct MemberRules {
    /// Refused while reading when absent; `null` and the empty string count as absent.
    pub required: Vec<String>,
    /// Required members whose `null` passes all the same.
    pub null_passes: Vec<String>,
    /// Members whose absence is noticed only later, at this step (`null` passes).
    pub required_later: BTreeMap<String, Step>,
    /// Types that are enforced while reading.
    pub typed: Typed,
    /// Members whose type is enforced besides.
    pub typed_also: Vec<String>,
    /// Members that are not known to it, so their types do not matter.
    pub untyped: Vec<String>,
    /// A lone string passes for a list.
    pub string_for_list: bool,
    /// Members whose `null` is refused like a wrong type.
    pub null_refused: Vec<String>,
    /// `null` for a list is refused like a wrong type.
    pub null_list_refused: bool,
    /// `null` among the elements of a list passes for a string.
    pub null_in_list_passes: bool,
    /// Lists whose elements of another type are passed over.
    pub skips_odd_elements: Vec<String>,
    /// URLs are parsed while reading: an empty or relative one is refused.
    pub urls_parsed: bool,
    /// The members that it uses, and at which step; one that is absent then fails there.
    pub uses: BTreeMap<String, When>,
}

impl MemberRules {
    /// Everything that the library refuses about members other than `issuer`, with the member's name.
    pub fn refusals(&self, metadata: &Metadata) -> Vec<(String, Refusal)> {
        let mut found = Vec::new();
        for (name, kind) in KNOWN {
            if *name != "issuer" {
                let refusal = self.refusal(metadata, name, *kind);
                found.extend(refusal.map(|refusal| ((*name).to_owned(), refusal)));
            }
        }
        found
    }

    /// What the library refuses about one member.
    pub fn refusal(&self, metadata: &Metadata, name: &str, kind: Kind) -> Option<Refusal> {
        let listed = |list: &[String]| list.iter().any(|m| m == name);
        let node = metadata.member(name);
        let required = listed(&self.required);
        match node.map(|n| &n.value) {
            None if required => return Some(missing(Step::Discovery, name)),
            Some(Value::Null) if required && !listed(&self.null_passes) => return Some(missing(Step::Discovery, name)),
            Some(Value::String(s)) if s.is_empty() && required && kind == Kind::Url && !listed(&self.null_passes) => {
                return Some(missing(Step::Discovery, name));
            }
            None => {
                if let Some(step) = self.required_later.get(name) {
                    return Some(missing(*step, name));
                }
            }
            Some(Value::Null) if listed(&self.null_refused) => {
                return Some(Refusal::at(Step::Discovery, Rule::MemberType, "it does not take null there"));
            }
            Some(Value::Null) if self.null_list_refused && kind == Kind::Strings => {
                return Some(Refusal::at(Step::Discovery, Rule::MemberType, "it does not take null for a list"));
            }
            _ => {}
        }
        if let Some(refusal) = node.and_then(|node| self.mistyped(metadata, name, kind, node)) {
            return Some(refusal);
        }
        let step = self.used_at(name)?;
        if kind != Kind::Url {
            return None;
        }
        match node.and_then(Node::as_str) {
            None | Some("") => Some(missing(step, name)),
            Some(url) if metadata.url(name).is_none() => {
                Some(Refusal::at(step, Rule::MemberUrl, format!("it cannot ask {url:?}")))
            }
            Some(_) => None,
        }
    }

    /// A value that reading refuses for its type or its form.
    fn mistyped(&self, metadata: &Metadata, name: &str, kind: Kind, node: &Node) -> Option<Refusal> {
        if node.is_null() || self.untyped.iter().any(|m| m == name) {
            return None;
        }
        let enforced = match &self.typed {
            Typed::None => false,
            Typed::Known => true,
            Typed::ListsAndFlags => kind != Kind::Url,
            Typed::Only(names) => names.iter().any(|m| m == name),
        } || self.typed_also.iter().any(|m| m == name);
        let list = kind == Kind::Strings;
        let lone = self.string_for_list && list && node.as_str().is_some();
        let skips = self.skips_odd_elements.iter().any(|m| m == name);
        let element = |item: &Node| item.as_str().is_some() || skips || item.is_null() && self.null_in_list_passes;
        let gaps = list && node.as_array().is_some_and(|items| items.iter().all(element));
        if enforced && !kind.fits(node) && !lone && !gaps {
            let because = format!("it wants {} there, not {}", kind.word(), node.kind_inside());
            return Some(Refusal::at(Step::Discovery, Rule::MemberType, because));
        }
        (self.urls_parsed && kind == Kind::Url && node.as_str().is_some() && metadata.url(name).is_none())
            .then(|| Refusal::at(Step::Discovery, Rule::MemberUrl, "it parses every URL while reading"))
    }

    /// The step at which somebody goes to an endpoint; a required one is there to be used, unless it never is.
    pub fn reached_at(&self, name: &str) -> Option<Step> {
        match (self.uses.get(name), name) {
            (Some(when), _) => when.step(),
            (None, _) if !self.required.iter().any(|member| member == name) => None,
            (None, "authorization_endpoint") => Some(Step::Authorization),
            (None, "token_endpoint") => Some(Step::Token),
            (None, _) => None,
        }
    }

    /// The step at which the library uses a member; `None` when it never does.
    pub fn used_at(&self, name: &str) -> Option<Step> {
        self.uses.get(name).copied().and_then(When::step)
    }
}

fn missing(step: Step, name: &str) -> Refusal {
    if step == Step::Userinfo && name == "userinfo_endpoint" {
        // Whether userinfo is asked is the application's decision; most libraries leave it to a call of its own.
        return Refusal::at(step, Rule::UserinfoMissing, "it cannot ask userinfo without userinfo_endpoint");
    }
    Refusal::at(step, Rule::MemberMissing, format!("it cannot do without {name}"))
}
