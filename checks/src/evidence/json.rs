//! A JSON reader for evidence: keeps duplicates, byte positions and everything that a lenient library would swallow.
//!
//! The parser is jsonc-parser with every extension off; this module adds what a diagnosis needs around it: a byte
//! order mark, text after the value and bytes that are not UTF-8 are *oddities* of a document that can still be
//! read, because some client libraries do read it. Real libraries disagree on each of them.

use jsonc_parser::{CollectOptions, ParseOptions, ast};
use std::ops::Range;

/// Nesting beyond this is refused, as the common parsers refuse it.
const MAX_DEPTH: usize = 128;

/// A JSON value with the bytes that it stands on.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Byte range in the body.
    pub span: Range<usize>,
    /// The value.
    pub value: Value,
}

/// A JSON value. Numbers keep their text.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as written.
    Number(String),
    /// A string, unescaped.
    String(String),
    /// An array.
    Array(Vec<Node>),
    /// An object: every member in order, the repeated ones too.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(s) => Some(s),
            _ => None,
        }
    }

    /// The elements, if it is an array.
    pub fn as_array(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// The member of that name; of several the last, as nearly every parser does.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.members().iter().rev().find(|(key, _)| key == name).map(|(_, node)| node)
    }

    /// The members in order; none when it is no object.
    pub fn members(&self) -> &[(String, Node)] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// What kind of value it is, in a person's words.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        }
    }

    /// The same, with what is odd among the elements of an array of strings.
    pub fn kind_inside(&self) -> String {
        let odd = self.as_array().and_then(|items| items.iter().find(|item| item.as_str().is_none()));
        odd.map_or_else(|| self.kind().to_owned(), |odd| format!("{} with {} in it", self.kind(), odd.kind()))
    }

    /// The value as JSON text on one line, cut for display.
    pub fn show(&self) -> String {
        let text = self.plain().to_string();
        if text.chars().count() > 120 { format!("{}…", text.chars().take(119).collect::<String>()) } else { text }
    }

    /// The value as serde_json has it (of duplicates the last one counts).
    pub fn plain(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(b) => (*b).into(),
            Value::Number(n) => serde_json::from_str(n).unwrap_or_else(|_| n.clone().into()),
            Value::String(s) => s.clone().into(),
            Value::Array(items) => items.iter().map(Node::plain).collect(),
            Value::Object(members) => {
                serde_json::Value::Object(members.iter().map(|(k, v)| (k.clone(), v.plain())).collect())
            }
        }
    }
}

/// A document that could be read, and what is odd about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The value.
    pub root: Node,
    /// It starts with a UTF-8 byte order mark.
    pub byte_order_mark: bool,
    /// Something other than white space follows the value, at this byte.
    pub trailing: Option<usize>,
    /// It holds a byte that is not UTF-8, at this place.
    pub not_utf8: Option<usize>,
    /// A string holds half of a surrogate pair, such as `\ud800`, at this byte.
    pub half_pair: Option<usize>,
    /// `NaN`, `Infinity` or `-Infinity` stands where a number may, at this byte.
    pub not_finite: Option<usize>,
    /// Members that stand more than once in their object: JSON Pointer and byte of the later one.
    pub duplicates: Vec<(String, usize)>,
}

impl Document {
    /// A document about which nothing is odd.
    pub fn plain(root: Node) -> Document {
        Document {
            root,
            byte_order_mark: false,
            trailing: None,
            not_utf8: None,
            half_pair: None,
            not_finite: None,
            duplicates: Vec::new(),
        }
    }
}

/// Why a body is no JSON document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotJson {
    /// Nothing but white space.
    Empty,
    /// A web page. The flag says that it has a password field or speaks of signing in.
    Html {
        /// It looks like a login page.
        login: bool,
    },
    /// The text ends before the value does.
    Truncated(usize),
    /// More nesting than any of the common parsers reads.
    TooDeep(usize),
    /// Anything else, at this byte.
    Syntax {
        /// Where.
        at: usize,
        /// The parser's words.
        what: String,
    },
}

impl std::fmt::Display for NotJson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotJson::Empty => f.write_str("the body is empty"),
            NotJson::Html { login: true } => f.write_str("the body is a login page (HTML)"),
            NotJson::Html { login: false } => f.write_str("the body is a web page (HTML)"),
            NotJson::Truncated(at) => write!(f, "the JSON ends too early, at byte {at}"),
            NotJson::TooDeep(at) => write!(f, "the JSON is nested deeper than {MAX_DEPTH} levels, at byte {at}"),
            NotJson::Syntax { at, what } => write!(f, "the body is not JSON: {what}, at byte {at}"),
        }
    }
}

/// Reads a body.
///
/// # Errors
/// [`NotJson`] when no client library could read it.
pub fn read(body: &[u8]) -> Result<Document, NotJson> {
    let byte_order_mark = body.starts_with(b"\xef\xbb\xbf");
    let start = if byte_order_mark { 3 } else { 0 };
    let (not_utf8, text) = lenient_utf8(&body[start..]);
    if text.trim().is_empty() {
        return Err(NotJson::Empty);
    }
    if let Some(login) = html(&text) {
        return Err(NotJson::Html { login });
    }
    let (text, half_pair, not_finite) = patched(text);
    let end = value_end(&text, start)?;
    let options = ParseOptions {
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
    let collect = CollectOptions { comments: jsonc_parser::CommentCollectionStrategy::Off, tokens: false };
    let syntax = |at: usize, what: String| NotJson::Syntax { at: start + at, what };
    // serde_json is the stricter judge of syntax (control characters in strings, leading zeros); the tree with spans
    // and duplicates comes from the other one.
    if let Err(e) = serde_json::from_str::<serde::de::IgnoredAny>(&text[..end]) {
        let what = e.to_string();
        let what = what.split(" at line").next().unwrap_or(&what).to_owned();
        return Err(syntax(offset(text.as_str(), e.line(), e.column()), what));
    }
    let tree = jsonc_parser::parse_to_ast(&text[..end], &collect, &options)
        .map_err(|e| syntax(e.range().start, e.kind().to_string()))?;
    let value = tree.value.ok_or(NotJson::Empty)?;
    let mut duplicates = Vec::new();
    let mut root = convert(value, start, "", &mut duplicates);
    if not_finite.is_some() {
        restore(&mut root, body);
    }
    let rest = &text[end..];
    let trailing = (!rest.trim_matches([' ', '\t', '\r', '\n']).is_empty())
        .then(|| start + end + rest.len() - rest.trim_start().len());
    let shifted = |at: Option<usize>| at.map(|at| at + start);
    let (not_utf8, half_pair, not_finite) = (shifted(not_utf8), shifted(half_pair), shifted(not_finite));
    Ok(Document { root, byte_order_mark, trailing, not_utf8, half_pair, not_finite, duplicates })
}

/// Writes what strict parsers refuse and others read so that it can be read, without moving a byte: half of a surrogate
/// pair becomes the replacement character, as in most libraries, and a number that is none becomes a zero. Says where
/// the first of each stands.
fn patched(text: String) -> (String, Option<usize>, Option<usize>) {
    // Nearly every document has nothing of the kind, and some are long.
    if !["\\u", "NaN", "Infinity"].iter().any(|odd| text.contains(odd)) {
        return (text, None, None);
    }
    let (mut half_pair, mut not_finite) = (None, None);
    let mut bytes = text.into_bytes();
    let (mut at, mut in_string) = (0, false);
    while at < bytes.len() {
        let unit = in_string.then(|| escaped_unit(&bytes[at..])).flatten();
        at += match (bytes[at], unit) {
            (_, Some(0xd800..=0xdbff)) if matches!(escaped_unit(&bytes[at + 6..]), Some(0xdc00..=0xdfff)) => 12,
            (_, Some(0xd800..=0xdfff)) => {
                half_pair.get_or_insert(at);
                bytes[at + 2..at + 6].copy_from_slice(b"fffd");
                6
            }
            (b'\\', _) if in_string => 2,
            (b'"', _) => {
                in_string = !in_string;
                1
            }
            _ if in_string => 1,
            _ => match NOT_FINITE.iter().find(|word| bytes[at..].starts_with(word)) {
                Some(word) => {
                    not_finite.get_or_insert(at);
                    // `0.0` and `0.000000`: as long as the word, and a number to every parser.
                    bytes[at..at + word.len()].fill(b'0');
                    bytes[at + 1] = b'.';
                    word.len()
                }
                None => 1,
            },
        };
    }
    (String::from_utf8_lossy(&bytes).into_owned(), half_pair, not_finite)
}

/// Gives numbers their own text back.
fn restore(node: &mut Node, body: &[u8]) {
    match &mut node.value {
        Value::Number(text) => *text = String::from_utf8_lossy(&body[node.span.clone()]).into_owned(),
        Value::Array(items) => items.iter_mut().for_each(|item| restore(item, body)),
        Value::Object(members) => members.iter_mut().for_each(|(_, member)| restore(member, body)),
        _ => {}
    }
}

/// The words for numbers that JSON does not have (RFC 8259 section 6); a minus may stand before the second.
const NOT_FINITE: [&[u8]; 2] = [b"NaN", b"Infinity"];

/// The UTF-16 unit of an escape `\uXXXX` that begins here.
fn escaped_unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Replaces each byte that is no UTF-8 with `?`, so that positions stay true, and says where the first one is.
fn lenient_utf8(bytes: &[u8]) -> (Option<usize>, String) {
    let mut bytes = bytes.to_vec();
    let mut first = None;
    loop {
        match String::from_utf8(bytes) {
            Ok(text) => return (first, text),
            Err(error) => {
                let bad = error.utf8_error();
                let from = bad.valid_up_to();
                bytes = error.into_bytes();
                let len = bad.error_len().unwrap_or(bytes.len() - from);
                bytes[from..from + len].fill(b'?');
                first.get_or_insert(from);
            }
        }
    }
}

/// `Some(login)` for a web page.
fn html(text: &str) -> Option<bool> {
    let head: String = text.trim_start().chars().take(64).collect::<String>().to_ascii_lowercase();
    if !head.starts_with('<') || head.starts_with("<?xml") && !text.to_ascii_lowercase().contains("<html") {
        return None;
    }
    let all = text.to_ascii_lowercase();
    Some(
        all.contains("type=\"password\"")
            || all.contains("type='password'")
            || all.contains("sign in")
            || all.contains("log in"),
    )
}

/// Finds where the first value ends, and refuses what is too deep for a recursive parser before one sees it.
fn value_end(text: &str, start: usize) -> Result<usize, NotJson> {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    let bytes = text.as_bytes();
    let lead = text.len() - text.trim_start().len();
    if !matches!(bytes[lead], b'{' | b'[') {
        return Ok(text.trim_end().len());
    }
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(NotJson::TooDeep(start + at));
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Ok(at + 1);
                }
            }
            _ => {}
        }
    }
    Err(NotJson::Truncated(start + text.trim_end().len()))
}

/// The byte of a line and a column, both counted from 1 (the column in bytes).
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let at = (before + column.saturating_sub(1)).min(text.len());
    // Blanks before what is wrong are not what is wrong.
    at + text.as_bytes()[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

fn convert(value: ast::Value<'_>, shift: usize, pointer: &str, duplicates: &mut Vec<(String, usize)>) -> Node {
    use jsonc_parser::common::Ranged;
    let range = value.range();
    let span = range.start + shift..range.end + shift;
    let value = match value {
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::BooleanLit(b) => Value::Bool(b.value),
        ast::Value::NumberLit(n) => Value::Number(n.value.to_owned()),
        ast::Value::StringLit(s) => Value::String(s.value.into_owned()),
        ast::Value::Array(array) => Value::Array(
            array
                .elements
                .into_iter()
                .enumerate()
                .map(|(i, e)| convert(e, shift, &format!("{pointer}/{i}"), duplicates))
                .collect(),
        ),
        ast::Value::Object(object) => {
            let mut members: Vec<(String, Node)> = Vec::new();
            for property in object.properties {
                let key = property.name.clone().into_string();
                let below = format!("{pointer}/{}", escape(&key));
                let at = property.range.start + shift;
                let node = convert(property.value, shift, &below, duplicates);
                if members.iter().any(|(k, _)| *k == key) {
                    duplicates.push((below, at));
                }
                members.push((key, node));
            }
            Value::Object(members)
        }
    };
    Node { span, value }
}

/// Escapes one reference token of a JSON Pointer (RFC 6901 section 3).
pub fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_duplicates_positions_and_oddities() {
        let doc = read(b"\xef\xbb\xbf{\"a\":1, \"b\":{\"c/d\":true,\"c/d\":null}} x").expect("readable");
        assert!(doc.byte_order_mark);
        assert_eq!(doc.duplicates, vec![("/b/c~1d".to_owned(), 27)]);
        assert_eq!(doc.trailing, Some(40));
        assert!(doc.root.get("b").and_then(|b| b.get("c/d")).is_some_and(Node::is_null));
        assert_eq!(doc.root.get("a").map(|a| a.span.clone()), Some(8..9));
    }

    #[test]
    fn a_byte_outside_utf8_is_an_oddity_and_keeps_positions() {
        let doc = read(b"{\"n\":\"caf\xe9\",\"a\":1}").expect("readable");
        assert_eq!(doc.not_utf8, Some(9));
        assert_eq!(doc.root.get("a").map(|a| a.span.clone()), Some(16..17));
    }

    #[test]
    fn half_of_a_pair_and_a_number_that_is_none_are_oddities_and_keep_positions() {
        let doc = read(br#"{"a":"x\ud800y","b":"\ud83d\ude00","c":"\\ud800","d":1}"#).expect("readable");
        assert_eq!(doc.half_pair, Some(7));
        assert_eq!(doc.not_finite, None);
        assert_eq!(doc.root.get("a").and_then(Node::as_str), Some("x\u{fffd}y"));
        assert_eq!(doc.root.get("b").and_then(Node::as_str), Some("\u{1f600}"));
        assert_eq!(doc.root.get("c").and_then(Node::as_str), Some("\\ud800"));
        assert_eq!(doc.root.get("d").map(|d| d.span.clone()), Some(53..54));
        let doc = read(br#"{"a":[NaN,-Infinity],"b":"NaN","c":1}"#).expect("readable");
        assert_eq!(doc.not_finite, Some(6));
        let shown = doc.root.get("a").and_then(Node::as_array).map(|items| items.iter().map(|item| item.value.clone()));
        let expected = ["NaN", "-Infinity"].map(|text| Value::Number(text.into()));
        assert!(shown.is_some_and(|shown| shown.eq(expected)));
        assert_eq!(doc.half_pair, None);
        assert_eq!(doc.root.get("b").and_then(Node::as_str), Some("NaN"));
        assert_eq!(doc.root.get("c").map(|c| c.span.clone()), Some(35..36));
        assert!(read(b"{\"a\":nan}").is_err());
        assert!(read(b"{\"a\":\"\\ud8\"}").is_err());
    }

    #[test]
    fn tells_apart_what_is_no_json() {
        assert_eq!(read(b" \n"), Err(NotJson::Empty));
        assert_eq!(read(b"<!doctype html><p>x"), Err(NotJson::Html { login: false }));
        assert_eq!(read(b"<html><input type=\"password\">"), Err(NotJson::Html { login: true }));
        assert_eq!(read(b"{\"a\":[1,"), Err(NotJson::Truncated(8)));
        let deep = vec![b'['; 1_000_000];
        assert_eq!(read(&deep), Err(NotJson::TooDeep(128)));
        assert!(matches!(read(b"{\"a\":1,}"), Err(NotJson::Syntax { .. })));
        assert!(matches!(read(b"{'a':1}"), Err(NotJson::Syntax { .. })));
        assert!(matches!(read(b"not json"), Err(NotJson::Syntax { .. })));
        assert!(matches!(read(b"{\"a\":01}"), Err(NotJson::Syntax { .. })));
    }
}
