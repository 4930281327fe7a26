// Package pattern is the event-pattern language of Amazon EventBridge: which
// events a rule is for.
//
//	p, problems := pattern.Parse(`{"source": ["com.example.inventory"], "detail": {"sites": {"id": [{"prefix": "fra"}]}}}`)
//	if len(problems) > 0 { … }
//	if p.Match(event) { … }
//	path, reason := p.Mismatch(event) // why not
//
// A pattern has the shape of the event. Its objects name keys, its arrays list
// conditions of which one must hold; all fields of a pattern must hold. The
// conditions are plain values, prefix, suffix, equals-ignore-case, wildcard,
// anything-but, numeric, cidr and exists; "$or" lists alternatives.
//
// # Arrays in the event
//
// An array of plain values holds a condition when one of its values does. An array
// of objects stands for each of its objects, and fields of the pattern that pass
// through the same array must hold in the same element: {"a": {"b": [1], "c": [2]}}
// matches {"a": [{"b": 1, "c": 2}]}, not {"a": [{"b": 1}, {"c": 2}]}. Arrays in
// arrays count as one.
//
// {"exists": false} holds when there is no plain value at its path. Within an array
// of objects it is judged in the element that the fields whose path sorts before
// its own have chosen, and in all elements if no field does, as
// EventBridge does it.
//
// # What EventBridge's texts leave open
//
// Plain numbers compare by value, as EventBridge's published matching engine does
// it (its user guide says: by spelling): 300 matches 300.0 and 3.0e2. Numbers of
// more than 15 digits compare by spelling, since a double does not hold them.
// Ignoring case is Unicode simple case folding. A key with a dot in a pattern names
// a key with a dot, never a nested one. Where a key is repeated in an object of the
// event, the first one counts, as it does for paths in rules.
package pattern
