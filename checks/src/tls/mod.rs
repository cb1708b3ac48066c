//! TODO
group![];
