// Program reactor has what a Go program starts with, variables that are computed, maps
// among them, and goroutines, and what the Go runtime looks functions up for.
package main

import (
	"runtime"
	"strings"
)

var squares = func() map[int]int {
	all := map[int]int{}
	for i := range 1000 {
		all[i] = i * i
	}
	return all
}()

var answer = make(chan int)

func init() {
	go func() { answer <- squares[12] }()
	last = <-answer
}

var last int

// Sum returns a square, of what is below 1000, and another.
//
//go:wasmexport sum
func Sum(n int32) int32 { return int32(squares[int(n)] + last) }

// Collections returns how often memory was collected while a stack grew n frames deep,
// or -1 if pointers in it, to itself and to the heap, were lost.
//
//go:wasmexport collections
func Collections(n int32) int32 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	done := make(chan bool)
	go func() { done <- deeper(int(n), nil) }()
	ok := <-done
	runtime.ReadMemStats(&after)
	if !ok {
		return -1
	}
	return int32(after.NumGC - before.NumGC)
}

type frame struct {
	depth int
	text  string
	up    *frame // lies in the stack, too
}

func deeper(n int, up *frame) bool {
	if n == 0 {
		return true
	}
	here := frame{n, strings.Repeat("x", n), up}
	garbage = make([]byte, 1<<12)
	return deeper(n-1, &here) && here.depth == n && strings.Count(here.text, "x") == n && (up == nil || up.depth == n+1)
}

var garbage []byte

// Goroutines returns how many there are beside those of the runtime.
//
//go:wasmexport goroutines
func Goroutines() int32 {
	runtime.GC() // which starts some of them
	return int32(runtime.NumGoroutine())
}

type value struct{ n int }

func (v value) number() int { return v.n }

var numbered interface{ number() int } = (*value)(nil)

// Recovers returns how many panics are recovered as they must be, out of 4.
//
//go:wasmexport recovers
func Recovers() (n int32) {
	for _, c := range []struct {
		panics func()
		want   string
	}{
		{func() { panic("on purpose") }, "on purpose"},
		{func() { last /= len(garbage[:0]) }, "divide by zero"},
		{func() { numbered.number() }, "called using nil *"},
		{func() { defer func() { tooDeep() }(); panic("still there") }, "still there"},
	} {
		if strings.Contains(recovered(c.panics), c.want) {
			n++
		}
	}
	return n
}

// tooDeep recovers nothing, since it is not the deferred function itself.
func tooDeep() { recover() }

func recovered(f func()) (message string) {
	defer func() {
		switch p := recover().(type) {
		case error:
			message = p.Error()
		case string:
			message = p
		}
	}()
	f()
	return "none"
}

// Deadlock stops the module.
//
//go:wasmexport deadlock
func Deadlock() { <-answer }

func main() {}
