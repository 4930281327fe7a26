package jsontext

import "github.com/tidwall/gjson"

// AppendKey appends a key of an object, and a comma before it unless it is the first.
// The key needs no escapes.
func AppendKey(dst []byte, key string) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(dst, '"')
	dst = append(dst, key...)
	return append(dst, '"', ':')
}

// AppendText appends a member of an object that is text.
func AppendText(dst []byte, key, text string) []byte {
	return gjson.AppendJSONString(AppendKey(dst, key), text)
}

// AppendMember is AppendText, or nothing when the text is empty.
func AppendMember(dst []byte, key, text string) []byte {
	if text == "" {
		return dst
	}
	return AppendText(dst, key, text)
}

// AppendList appends an array of what append appends for each item.
func AppendList[T any](dst []byte, items []T, append1 func(dst []byte, item *T) []byte) []byte {
	dst = append(dst, '[')
	for i := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append1(dst, &items[i])
	}
	return append(dst, ']')
}
