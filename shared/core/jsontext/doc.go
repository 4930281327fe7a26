// Package jsontext reads JSON text: one pass checks it and notes where each value
// is, and walking it afterwards reads nothing twice.
//
//	var t jsontext.Text
//	v, err := t.Parse(body)
//	for key, member := range v.Members {
//		if key == "Records" { … }
//	}
//
// Values are substrings of the text. A copy is made only of a string with escapes,
// when its [Value.Text] is asked for. Numbers stay as they are written, so none
// becomes a float on the way.
package jsontext
