package secret_test

import (
	"strings"
	"testing"

	"vpnattach/shared/core/secret"
)

const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:vpn/site-a-9fK2aB"

func TestParseReference(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, short string // short: what String gives, when it isn't text
		want        secret.Reference
	}{
		{"{{resolve:secretsmanager:vpn/site-a}}", "", secret.Reference{Service: "secretsmanager", ID: "vpn/site-a"}},
		{"{{resolve:secretsmanager:vpn/site-a:SecretString:psk}}", "", secret.Reference{Service: "secretsmanager", ID: "vpn/site-a", Key: "psk"}},
		{"{{resolve:secretsmanager:" + arn + "}}", "", secret.Reference{Service: "secretsmanager", ID: arn}},
		{"{{resolve:secretsmanager:" + arn + ":SecretString:psk:AWSPENDING}}", "",
			secret.Reference{Service: "secretsmanager", ID: arn, Key: "psk", VersionStage: "AWSPENDING"}},
		{"{{resolve:secretsmanager:" + arn + ":SecretString:psk::7a1b}}", "",
			secret.Reference{Service: "secretsmanager", ID: arn, Key: "psk", VersionID: "7a1b"}},
		{"{{resolve:secretsmanager:a::::}}", "{{resolve:secretsmanager:a}}", secret.Reference{Service: "secretsmanager", ID: "a"}},
		{"{{resolve:secretsmanager:a:SecretString}}", "{{resolve:secretsmanager:a}}", secret.Reference{Service: "secretsmanager", ID: "a"}},
		{"{{resolve:secretsmanager:a:SecretString:::v1}}", "", secret.Reference{Service: "secretsmanager", ID: "a", VersionID: "v1"}},
		{"{{resolve:ssm-secure:/vpn/psk:3}}", "", secret.Reference{Service: "ssm-secure", ID: "/vpn/psk", VersionID: "3"}},
		{"{{resolve:ssm-secure:/vpn/psk}}", "", secret.Reference{Service: "ssm-secure", ID: "/vpn/psk"}},
		{"{{resolve:ssm-secure:arn:aws:ssm:eu-central-1:123456789012:parameter/vpn/psk:3}}", "",
			secret.Reference{Service: "ssm-secure", ID: "arn:aws:ssm:eu-central-1:123456789012:parameter/vpn/psk", VersionID: "3"}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			got, claims, err := secret.ParseReference(tt.text)
			if got != tt.want || !claims || err != nil {
				t.Fatalf("got %+v, %v, %v, want %+v", got, claims, err, tt.want)
			}
			want := tt.text
			if tt.short != "" {
				want = tt.short
			}
			if got.String() != want {
				t.Errorf("String = %s, want %s", got, want)
			}
		})
	}
}

func TestParseReferenceRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"x{{resolve:secretsmanager:a}}", "whole value"},
		{"{{resolve:secretsmanager:a}} ", "whole value"},
		{"{{resolve:secretsmanager:a}", "whole value"},
		{"{{resolve:secretsmanager:a}}{{resolve:secretsmanager:b}}", "whole value"},
		{"{{resolve:secretsmanager:a b}}", "whole value"},
		{"{{resolve:ssm:a}}", "secretsmanager or ssm-secure"},
		{"{{resolve:}}", "secretsmanager or ssm-secure"},
		{"{{resolve:secretsmanager}}", "id of the secret"},
		{"{{resolve:secretsmanager:}}", "id of the secret"},
		{"{{resolve:secretsmanager:arn:aws:secretsmanager:eu-central-1}}", "id of the secret"},
		{"{{resolve:secretsmanager:arn:aws:secretsmanager:eu-central-1:1:secret:}}", "id of the secret"},
		{"{{resolve:secretsmanager:ä}}", "id of the secret"},
		{"{{resolve:secretsmanager:a:SecretBinary:k}}", "SecretString"},
		{"{{resolve:secretsmanager:a::k}}", "SecretString"},
		{"{{resolve:secretsmanager:a:SecretString:k:AWSCURRENT:v1}}", "not both"},
		{"{{resolve:secretsmanager:a:SecretString:k:s:v:x}}", "too many parts"},
		{"{{resolve:ssm-secure:a:latest}}", "number"},
		{"{{resolve:ssm-secure:a:1:2}}", "too many parts"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			got, claims, err := secret.ParseReference(tt.text)
			if !claims || err == nil || got != (secret.Reference{}) {
				t.Fatalf("got %+v, %v, %v", got, claims, err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, want it to speak of %q", err, tt.want)
			}
		})
	}
	if _, claims, err := secret.ParseReference("{resolve:secretsmanager:a}"); claims || err != nil {
		t.Errorf("no reference: got %v, %v", claims, err)
	}
}

func FuzzParseReference(f *testing.F) {
	f.Add("{{resolve:secretsmanager:" + arn + ":SecretString:psk}}")
	f.Add("{{resolve:ssm-secure:/vpn/psk:3}}")
	f.Fuzz(func(t *testing.T, text string) {
		r, claims, err := secret.ParseReference(text)
		if !claims || err != nil {
			return
		}
		if again, _, err := secret.ParseReference(r.String()); again != r || err != nil {
			t.Errorf("%q gives %+v, which as %q gives %+v, %v", text, r, r, again, err)
		}
	})
}
