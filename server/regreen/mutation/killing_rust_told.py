"""The module of Rust by which tests tell, for a moment, what they call and what it answers: as literals."""

from __future__ import annotations

import json

_TOLD = r"""
#[allow(warnings)]
mod regreen_told {
    pub trait Shown {
        fn shown(&self) -> Option<String>;
        fn borrowed(&self) -> Option<String> {
            self.shown().map(|text| format!("&{}", text))
        }
    }

    macro_rules! plain {
        ($($kind:ty)*) => { $(impl Shown for $kind {
            fn shown(&self) -> Option<String> { Some(format!("{:?}", self)) }
        })* };
    }
    macro_rules! real {
        ($($kind:ty)*) => { $(impl Shown for $kind {
            fn shown(&self) -> Option<String> { if self.is_finite() { Some(format!("{:?}", self)) } else { None } }
        })* };
    }

    plain! { () i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize bool char }
    real! { f32 f64 }

    impl Shown for str {
        fn shown(&self) -> Option<String> { Some(format!("{:?}", self)) }
        fn borrowed(&self) -> Option<String> { self.shown() }
    }
    impl Shown for String {
        fn shown(&self) -> Option<String> { Some(format!("{:?}.to_string()", self)) }
    }
    impl Shown for std::borrow::Cow<'_, str> {
        fn shown(&self) -> Option<String> { Some(format!("{:?}", self)) }
    }
    impl<T: Shown + ?Sized> Shown for &T {
        fn shown(&self) -> Option<String> { (**self).borrowed() }
    }
    impl<T: Shown> Shown for [T] {
        fn shown(&self) -> Option<String> {
            let parts: Option<Vec<String>> = self.iter().map(|each| each.shown()).collect();
            parts.map(|texts| format!("[{}]", texts.join(", ")))
        }
    }
    impl<T: Shown, const N: usize> Shown for [T; N] {
        fn shown(&self) -> Option<String> { self[..].shown() }
    }
    impl<T: Shown> Shown for Vec<T> {
        fn shown(&self) -> Option<String> { self[..].shown().map(|text| format!("vec!{}", text)) }
    }
    impl<T: Shown> Shown for Option<T> {
        fn shown(&self) -> Option<String> {
            match self {
                Some(value) => value.shown().map(|text| format!("Some({})", text)),
                None => Some(String::from("None")),
            }
        }
    }
    impl<A: Shown, B: Shown> Shown for (A, B) {
        fn shown(&self) -> Option<String> { Some(format!("({}, {})", self.0.shown()?, self.1.shown()?)) }
    }
    impl<A: Shown, B: Shown, C: Shown> Shown for (A, B, C) {
        fn shown(&self) -> Option<String> {
            Some(format!("({}, {}, {})", self.0.shown()?, self.1.shown()?, self.2.shown()?))
        }
    }

    fn quoted(text: &str) -> String {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }

    fn tell(row: String) {
        use std::io::Write;
        let file = std::fs::OpenOptions::new().append(true).create(true).open(INTO);
        if let Ok(mut file) = file {
            let _ = file.write_all(row.as_bytes());
        }
    }
"""

CALLED = r"""
    pub fn called(given: &[Option<String>]) {
        let words: Option<Vec<String>> = given.iter().map(|each| each.as_deref().map(quoted)).collect();
        if let Some(words) = words {
            tell(format!("{{\"call\": [{}]}}\n", words.join(", ")));
        }
    }
}
"""

ASKED = r"""
    pub fn ok<T: Shown>(value: &T) -> Option<String> {
        value.shown().map(|text| format!("Ok({})", text))
    }

    pub fn asked(number: usize, call: &dyn Fn() -> Option<String>) {
        let answer = || std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).ok().flatten();
        if let (Some(first), Some(second)) = (answer(), answer()) {
            if first == second {
                tell(format!("{{\"number\": {}, \"how\": \"gives\", \"text\": {}}}\n", number, quoted(&first)));
            }
        }
    }
}
"""


def told(into: str, what: str) -> str:
    """Return the module, given the file that it writes and what it is to do: `CALLED` or `ASKED`."""
    return _TOLD.replace("INTO", json.dumps(into, ensure_ascii=False)) + what
