package secret_test

import (
	"strings"
	"testing"

	"vpnattach/shared/core/secret"
)

func TestList(t *testing.T) {
	t.Parallel()
	list := secret.List{secret.New(""), secret.New("k3y-of-one"), secret.New("shrt")}
	for _, tt := range []struct{ text, sentence, word string }{
		{"The role does not exist.", "The role does not exist.", ""},
		{"EntityNotExist.Role", "EntityNotExist.Role", "EntityNotExist.Role"},
		{"a k3y-of-one b", "", ""},
		{"k3y-of-one", "", ""},
		{"shrt", "", "shrt"}, // a code may hold so little by chance
		{"two\nlines ", "two lines", ""},
		{`{"token":1}`, "", ""},
		{"a=b", "", ""},
		{strings.Repeat("x", 500), strings.Repeat("x", 400) + "…", ""},
		{"", "", ""},
	} {
		if got := list.SafeText(tt.text); got != tt.sentence {
			t.Errorf("sentence %q: got %q, want %q", tt.text, got, tt.sentence)
		}
		if got := list.SafeID(tt.text, 64); got != tt.word {
			t.Errorf("word %q: got %q, want %q", tt.text, got, tt.word)
		}
	}
}
