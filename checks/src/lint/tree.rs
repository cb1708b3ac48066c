//! YAML and JSON as one kind of tree that knows the line and column of everything in it.
//!
//! Tags such as authentik's `!Find` are kept, anchors and merge keys are followed, and nothing is guessed about types: a
//! scalar is its text and whether it stood in quotes.

use jsonc_parser::ast;
use jsonc_parser::common::Ranged as _;
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::collections::{BTreeMap, BTreeSet};

/// A tree may not have more nodes than this, so that aliases of aliases do not fill the memory.
const MOST_NODES: usize = 1_000_000;
/// Nor be deeper than this.
const DEEPEST: usize = 100;

/// A place in a file, from 1 each; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl At {
    /// A place.
    pub fn new(line: usize, column: usize) -> At {
        At { line, column }
    }
}

/// A text and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The text.
    pub value: String,
    /// Where it begins.
    pub at: At,
}

/// A piece of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it begins.
    pub at: At,
    /// Its tag without the exclamation mark.
    pub tag: Option<String>,
    /// What it is.
    pub value: Value,
}

/// What a piece is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text, a number, a boolean or nothing, as it is written; whether it stood without quotes.
    Scalar(String, bool),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in its order, with the repetitions that were written.
    Map(Vec<(Text, Node)>),
}

/// Why a text is no document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Where.
    pub at: At,
    /// Why, without any of the content.
    pub why: String,
}

impl Node {
    /// The member of that name; the last one when it stands twice.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.members().iter().rev().find(|(key, _)| key.value == name).map(|(_, node)| node)
    }

    /// The same as JSON: without places, and a scalar without quotes as what it reads as.
    pub fn plain(&self) -> serde_json::Value {
        match &self.value {
            Value::Scalar(text, true) => serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into()),
            Value::Scalar(text, false) => text.as_str().into(),
            Value::List(items) => items.iter().map(Node::plain).collect(),
            Value::Map(members) => members.iter().map(|(key, node)| (key.value.clone(), node.plain())).collect(),
        }
    }

    /// The member at the end of a path.
    pub fn path(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, name| node.get(name))
    }

    /// The members; none unless it is a mapping.
    pub fn members(&self) -> &[(Text, Node)] {
        match &self.value {
            Value::Map(members) => members,
            Value::Scalar(..) | Value::List(_) => &[],
        }
    }

    /// The elements; none unless it is a list.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            Value::Scalar(..) | Value::Map(_) => &[],
        }
    }

    /// The text of a scalar that is not null.
    pub fn text(&self) -> Option<Text> {
        match &self.value {
            Value::Scalar(text, true) if matches!(text.as_str(), "" | "~" | "null") => None,
            Value::Scalar(text, _) => Some(Text { value: text.clone(), at: self.at }),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The member of that name as a text.
    pub fn text_of(&self, name: &str) -> Option<Text> {
        self.get(name)?.text()
    }

    /// The member of that name as a boolean.
    pub fn bool_of(&self, name: &str) -> Option<bool> {
        match self.text_of(name)?.value.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        }
    }

    /// The texts of a list, or the one text that stands in its place.
    pub fn texts(&self) -> Vec<Text> {
        match &self.value {
            Value::List(items) => items.iter().filter_map(Node::text).collect(),
            Value::Scalar(..) => self.text().into_iter().collect(),
            Value::Map(_) => Vec::new(),
        }
    }

    /// The member of that name as texts; `None` when it is not there.
    pub fn texts_of(&self, name: &str) -> Option<Vec<Text>> {
        Some(self.get(name)?.texts())
    }
}

/// Reads the first document of a YAML text. `offset` is added to its lines.
///
/// # Errors
/// [`Broken`] with the place.
pub fn yaml(text: &str, offset: usize) -> Result<Node, Broken> {
    one_yaml(text, offset).or_else(|broken| {
        // A template is no YAML yet where lines of it are nothing but instructions.
        let bare = without_instructions(text).ok_or_else(|| broken.clone())?;
        let mut node =
            one_yaml(&bare, offset).map_err(|_| Broken { at: broken.at, why: format!("{}{TEMPLATE}", broken.why) })?;
        once(&mut node);
        Ok(node)
    })
}

/// Leaves one of each key: the others stand in other branches of the template.
fn once(node: &mut Node) {
    match &mut node.value {
        Value::Map(members) => {
            let mut seen = BTreeSet::new();
            members.reverse();
            members.retain(|(key, _)| seen.insert(key.value.clone()));
            members.reverse();
            members.iter_mut().for_each(|(_, value)| once(value));
        }
        Value::List(items) => items.iter_mut().for_each(once),
        Value::Scalar(..) => {}
    }
}

/// What is said about a text with template instructions that cannot be read.
const TEMPLATE: &str = " (it is a template: give it as it is when it is filled in)";

/// The text with its lines of template instructions as YAML: what steers the template is left out, and what gives
/// something stands for a value. `None` when there are no such lines.
fn without_instructions(text: &str) -> Option<String> {
    let inside = |line: &str| {
        line.trim()
            .strip_prefix("{{")?
            .strip_suffix("}}")
            .map(|inside| inside.trim_start_matches('-').trim().to_owned())
    };
    let steers = |inside: &str| {
        let word = inside.split_whitespace().next().unwrap_or_default();
        matches!(word, "range" | "end" | "if" | "else" | "with" | "define" | "block") || word.starts_with(['$', '/'])
    };
    let replaced = |line: &str| match inside(line) {
        None => line.to_owned(),
        Some(inside) if steers(&inside) => String::new(),
        Some(_) => line.chars().take_while(|c| *c == ' ').chain("\"{{ }}\"".chars()).collect(),
    };
    text.lines().any(|line| inside(line).is_some()).then(|| text.lines().map(replaced).collect::<Vec<_>>().join("\n"))
}

fn one_yaml(text: &str, offset: usize) -> Result<Node, Broken> {
    let mut build = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Broken {
            at: At::new(error.marker().line() + offset, error.marker().col() + 1),
            why: error.info().to_owned(),
        })?;
        let at = At::new(span.start.line() + offset, span.start.col() + 1);
        if build.event(event, at)? {
            break;
        }
    }
    build.root.ok_or_else(|| Broken { at: At::new(1 + offset, 1), why: "it is empty".into() })
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    root: Option<Node>,
}

struct Open {
    node: Node,
    anchor: usize,
    key: Option<Text>,
    /// Keys that came by a merge and yield to those that are written.
    merged: BTreeSet<String>,
    /// A mapping stands where a key should: nobody writes that, but `{{ … }}` without quotes reads so.
    template: bool,
}

impl Builder {
    /// Takes an event; true when the first document has ended.
    fn event(&mut self, event: Event<'_>, at: At) -> Result<bool, Broken> {
        let tag_of = |tag: Option<std::borrow::Cow<'_, saphyr_parser::Tag>>| tag.map(|tag| tag.suffix.clone());
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = Value::Scalar(text.into_owned(), style == ScalarStyle::Plain);
                self.done(Node { at, tag: tag_of(tag), value }, anchor)?;
            }
            Event::SequenceStart(anchor, tag) => {
                self.start(Node { at, tag: tag_of(tag), value: Value::List(Vec::new()) }, anchor)?;
            }
            Event::MappingStart(anchor, tag) => {
                self.start(Node { at, tag: tag_of(tag), value: Value::Map(Vec::new()) }, anchor)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(mut open) = self.open.pop() {
                    if open.template && open.node.members().len() == 1 {
                        open.node.value = Value::Scalar("{{ }}".into(), true);
                    }
                    self.done(open.node, open.anchor)?;
                }
            }
            Event::Alias(anchor) => {
                if let Some(node) = self.anchors.get(&anchor).cloned() {
                    self.nodes += size(&node);
                    self.done(node, 0)?;
                }
            }
            Event::DocumentEnd => return Ok(true),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
        }
        Ok(false)
    }

    fn start(&mut self, node: Node, anchor: usize) -> Result<(), Broken> {
        if self.open.len() >= DEEPEST {
            return Err(Broken { at: node.at, why: format!("it is more than {DEEPEST} levels deep") });
        }
        self.open.push(Open { node, anchor, key: None, merged: BTreeSet::new(), template: false });
        Ok(())
    }

    fn done(&mut self, node: Node, anchor: usize) -> Result<(), Broken> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            let why = match self.anchors.is_empty() {
                true => format!("it has more than {MOST_NODES} values"),
                false => "its aliases make it too large".into(),
            };
            return Err(Broken { at: node.at, why });
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return Ok(());
        };
        match &mut open.node.value {
            Value::List(items) => items.push(node),
            Value::Map(members) => match open.key.take() {
                None => {
                    open.template |= matches!(node.value, Value::Map(_));
                    open.key = Some(node.text().unwrap_or(Text { value: String::new(), at: node.at }));
                }
                Some(key) if key.value == "<<" => merge(members, &mut open.merged, node),
                Some(key) => {
                    if open.merged.remove(&key.value) {
                        members.retain(|(other, _)| other.value != key.value);
                    }
                    members.push((key, node));
                }
            },
            Value::Scalar(..) => {}
        }
        Ok(())
    }
}

fn size(node: &Node) -> usize {
    1 + node.items().iter().map(size).sum::<usize>() + node.members().iter().map(|(_, node)| size(node)).sum::<usize>()
}

/// What is merged yields to what stands there, and the first of several to be merged wins.
fn merge(members: &mut Vec<(Text, Node)>, merged: &mut BTreeSet<String>, node: Node) {
    let sources: Vec<Node> = if node.items().is_empty() { vec![node] } else { node.items().to_vec() };
    for (key, value) in sources.iter().flat_map(Node::members) {
        if members.iter().all(|(other, _)| other.value != key.value) {
            merged.insert(key.value.clone());
            members.push((key.clone(), value.clone()));
        }
    }
}

/// Reads a JSON text strictly. `offset` is added to its lines.
///
/// # Errors
/// [`Broken`] with the place.
pub fn json(text: &str, offset: usize) -> Result<Node, Broken> {
    let lines = Lines::of(text, offset);
    let strict = jsonc_parser::ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    if let Some(byte) = too_deep(text) {
        return Err(Broken { at: lines.at(byte), why: format!("it is more than {DEEPEST} levels deep") });
    }
    let parsed = jsonc_parser::parse_to_ast(text, &jsonc_parser::CollectOptions::default(), &strict);
    let parsed = parsed.map_err(|error| Broken { at: lines.at(error.range().start), why: error.kind().to_string() })?;
    let value = parsed.value.ok_or_else(|| Broken { at: At::new(1 + offset, 1), why: "it is empty".into() })?;
    Ok(of_json(&value, &lines))
}

/// Where the nesting is too deep for a parser that calls itself.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Some(at);
        }
    }
    None
}

fn of_json(value: &ast::Value<'_>, lines: &Lines<'_>) -> Node {
    let at = lines.at(value.range().start);
    let value = match value {
        ast::Value::StringLit(text) => Value::Scalar(text.value.to_string(), false),
        ast::Value::NumberLit(number) => Value::Scalar(number.value.to_owned(), true),
        ast::Value::BooleanLit(boolean) => Value::Scalar(boolean.value.to_string(), true),
        ast::Value::NullKeyword(_) => Value::Scalar("null".into(), true),
        ast::Value::Array(array) => Value::List(array.elements.iter().map(|value| of_json(value, lines)).collect()),
        ast::Value::Object(object) => {
            let member = |property: &ast::ObjectProp<'_>| {
                let key = Text { value: property.name.as_str().to_owned(), at: lines.at(property.name.range().start) };
                (key, of_json(&property.value, lines))
            };
            Value::Map(object.properties.iter().map(member).collect())
        }
    };
    Node { at, tag: None, value }
}

/// Byte offsets as lines and columns.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    offset: usize,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str, offset: usize) -> Lines<'a> {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Lines { text, starts, offset }
    }

    fn at(&self, byte: usize) -> At {
        let line = self.starts.partition_point(|start| *start <= byte).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let column = self.text.get(start..byte).map_or(1, |before| before.chars().count() + 1);
        At::new(line + self.offset, column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_knows_places_tags_anchors_and_merges() {
        let text = "a: &x {k: 1, l: 'true'}\nb:\n  <<: *x\n  l: no\nc: !Find [m, [n, o]]\n";
        let node = yaml(text, 10).unwrap();
        assert_eq!(node.get("b").unwrap().text_of("k").unwrap().value, "1");
        assert_eq!(node.get("b").unwrap().bool_of("l"), Some(false));
        assert_eq!(node.path(&["b", "l"]).unwrap().at, At::new(14, 6));
        let find = node.get("c").unwrap();
        assert_eq!((find.tag.as_deref(), find.items().len()), (Some("Find"), 2));
        assert!(yaml("a: [", 0).is_err());
        assert!(yaml("a: \"x\n b: c: d\n", 0).is_err());
    }

    #[test]
    fn templates_stand_for_a_value() {
        let node = yaml("a: {{ env \"X\" | secret | mindent 8 \"|\" | msquote }}\nb: {c: d}\n", 0).unwrap();
        assert_eq!(node.text_of("a").unwrap().value, "{{ }}");
        assert_eq!(node.path(&["b", "c"]).unwrap().text().unwrap().value, "d");
        let text = "a:\n  {{- range .x }}\n  - b\n  {{- end }}\nc:\n  {{- toYaml .y }}\n";
        assert_eq!(yaml(text, 0).unwrap().text_of("c"), Some(Text { value: "{{ }}".into(), at: At::new(6, 3) }));
        assert!(yaml("a: [\n{{ end }}\n", 0).unwrap_err().why.contains("template"));
    }

    #[test]
    fn what_is_merged_is_no_repetition() {
        let node = yaml("x: &x {k: 1, l: 2}\ny:\n  k: 3\n  <<: *x\n  l: 4\nz: {m: 1, m: 2}\n", 0).unwrap();
        let keys =
            |name| node.get(name).unwrap().members().iter().map(|(key, _)| key.value.as_str()).collect::<Vec<_>>();
        assert_eq!((keys("y"), keys("z")), (vec!["k", "l"], vec!["m", "m"]));
        assert_eq!(
            (node.path(&["y", "k"]).unwrap().text().unwrap().value, node.path(&["y", "l"]).unwrap().at.line),
            ("3".into(), 5)
        );
    }

    #[test]
    fn a_billion_laughs_are_not_laughed() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for i in 1..9 {
            let list = vec![format!("*a{}", i - 1); 10].join(", ");
            text.push_str(&format!("a{i}: &a{i} [{list}]\n"));
        }
        assert!(yaml(&text, 0).unwrap_err().why.contains("too large"));
        assert!(yaml(&"[".repeat(5000), 0).is_err());
    }

    #[test]
    fn json_is_read_strictly() {
        let node = json("{\n  \"a\": [true, \"x\"],\n  \"b\": null\n}", 0).unwrap();
        assert_eq!(node.get("a").unwrap().texts()[1], Text { value: "x".into(), at: At::new(2, 15) });
        assert_eq!(node.text_of("b"), None);
        // Where the comma belongs: right behind the value.
        assert_eq!(json("{\"a\": 1 \"b\": 2}", 0).unwrap_err().at, At::new(1, 8));
        assert!(json("{a: 1}", 0).is_err());
        assert!(json(&"[".repeat(100_000), 0).is_err());
    }
}
