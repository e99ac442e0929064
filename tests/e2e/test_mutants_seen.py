"""Mutants of methods, closures, generics, goroutines and async code are seen by the tests that look, by no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.mutants import judge_mutants, mutants_in, told

pytestmark = pytest.mark.e2e

GO = """
-- go.mod --
module example.com/shop

go 1.21
-- shop.go --
package shop

import "sync"

type Cart[T any] struct {
	items []T
	price func(T) int
	mu    sync.Mutex
}

func (c *Cart[T]) Add(item T) *Cart[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.items = append(c.items, item)
	return c
}

func (c *Cart[T]) Total() (sum int) {
	add := func(n int) { sum += n }
	for _, item := range c.items {
		add(c.price(item))
	}
	return
}

func Map[A, B any](from []A, change func(A) B) []B {
	var to []B
	for _, one := range from {
		to = append(to, change(one))
	}
	return to
}

func First(rows [][]int, wanted int) int {
outer:
	for at, row := range rows {
		for _, n := range row {
			if n < 0 {
				continue outer
			}
			if n == wanted {
				return at
			}
		}
	}
	return -1
}

func Sum(of []int) int {
	parts := make(chan int, len(of))
	for _, n := range of {
		go func() { parts <- n + n }()
	}
	sum := 0
	for range of {
		sum += <-parts
	}
	return sum
}
-- shop_test.go --
package shop

import "testing"

func TestTotal(t *testing.T) {
	cart := &Cart[int]{price: func(n int) int { return 2 * n }}
	if got := cart.Add(3).Add(4).Total(); got != 14 {
		t.Fatal(got)
	}
}

func TestMap(t *testing.T) {
	Map([]int{1}, func(n int) string { return "" })
}

func TestFirst(t *testing.T) {
	if got := First([][]int{{-1, 5}, {5}}, 5); got != 1 {
		t.Fatal(got)
	}
}

func TestSum(t *testing.T) {
	if got := Sum([]int{2}); got != 4 {
		t.Fatal(got)
	}
}
"""
RUST = """
-- Cargo.toml --
[workspace]
members = ["shop", "till"]
resolver = "2"
-- Cargo.lock --
version = 3

[[package]]
name = "shop"
version = "0.1.0"

[[package]]
name = "till"
version = "0.1.0"
dependencies = [
 "shop",
]
-- shop/Cargo.toml --
[package]
name = "shop"
version = "0.1.0"
edition = "2021"
-- till/Cargo.toml --
[package]
name = "till"
version = "0.1.0"
edition = "2021"

[dependencies]
shop = { path = "../shop" }
-- till/src/lib.rs --
pub fn due(prices: &[u32]) -> u32 {
    shop::total(prices, |price| *price)
}

#[cfg(test)]
mod tests {
    #[test]
    fn due() {
        assert_eq!(super::due(&[3, 4]), 7);
    }
}
-- shop/src/lib.rs --
pub trait Priced {
    fn price(&self) -> u32;

    fn twice(&self) -> u32 {
        self.price() + self.price()
    }
}

pub struct Cart {
    pub items: Vec<u32>,
}

impl Priced for Cart {
    fn price(&self) -> u32 {
        self.items.iter().map(|item| item + 1).sum()
    }
}

pub fn total<T>(items: &[T], price: impl Fn(&T) -> u32) -> u32 {
    let mut sum = 0;
    for item in items {
        sum += price(item);
    }
    sum
}

pub fn largest<T: PartialOrd + Copy>(items: &[T]) -> Option<T> {
    let mut found = *items.first()?;
    for &item in items {
        if item > found {
            found = item;
        }
    }
    Some(found)
}

pub async fn later(value: u32) -> u32 {
    value - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    #[test]
    fn price() {
        assert_eq!(Cart { items: vec![1] }.price(), 2);
    }

    #[test]
    fn twice() {
        Cart { items: vec![1] }.twice();
    }

    #[test]
    fn largest_of_two() {
        assert_eq!(largest(&[1, 2]), Some(2));
    }

    #[test]
    fn later_on() {
        let polled = pin!(later(4)).poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(polled, Poll::Ready(3));
    }
}
"""
GO_FATES = """
    12 c.mu.Lock() -> : Killed, TestTotal
    13 defer c.mu.Unlock() -> : Killed, TestTotal
    14 c.items = append(c.items, item) -> : Killed, TestTotal
    15 return c -> return nil: Killed, TestTotal
    19 += -> -=: Killed, TestTotal
    19 += -> =: Killed, TestTotal
    21 add(c.price(item)) -> : Killed, TestTotal
    23 return -> : CompileError
    29 to = append(to, change(one)) -> : Survived
    31 return to -> return nil: Survived
    38 n < 0 -> false: Killed, TestFirst
    38 < -> !=: Killed, TestFirst
    38 < -> <=: Survived
    41 n == wanted -> false: Killed, TestFirst
    41 n == wanted -> true: Survived
    41 == -> !=: Killed, TestFirst
    42 return at -> return 0: Killed, TestFirst
    46 -1 -> 0: NoCoverage
    46 -1 -> 1: NoCoverage
    52 parts <- n + n -> : Killed, TestSum
    52 + -> -: Killed, TestSum
    54 0 -> 1: Killed, TestSum
    56 += -> -=: Killed, TestSum
    56 += -> =: Survived
    58 return sum -> return 0: Killed, TestSum
"""
RUST_FATES = """
    5 self.price() + self.price() -> 0: Survived
    5 + -> -: Survived
    15 self.items.iter().map(|item| item + 1).sum() -> 0: Killed, price
    15 + -> -: Killed, price
    20 0 -> 1: Killed, due
    22 += -> -=: Killed, due
    22 += -> =: Killed, due
    24 sum -> 0: Killed, due
    28 ? -> .unwrap(): Survived
    30 item > found -> false: Killed, largest_of_two
    30 > -> !=: Survived
    31 found = item; -> : Killed, largest_of_two
    34 Some(found) -> None: Killed, largest_of_two
    38 value - 1 -> 0: Killed, later_on
    38 - -> +: Killed, later_on
"""


def check_fates(language: str, text: str, path: str, fates: str, tmp_path: Path) -> None:
    strength = judge_mutants(language, text, mutants_in(text, path), tmp_path)
    assert told(strength) == [line.strip() for line in fates.strip().splitlines()]


def test_what_a_mutant_in_go_does_is_seen_wherever_it_stands(tmp_path: Path) -> None:
    check_fates("go", GO, "shop.go", GO_FATES, tmp_path)


def test_what_a_mutant_in_rust_does_is_seen_wherever_it_stands(tmp_path: Path) -> None:
    check_fates("rust", RUST, "shop/src/lib.rs", RUST_FATES, tmp_path)
