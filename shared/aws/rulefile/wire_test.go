package rulefile_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"vpnattach/shared/aws/awstest"
	"vpnattach/shared/aws/rulefile"
)

// TestWire reads the versions from S3 and from the Parameter Store as moto plays them.
func TestWire(t *testing.T) {
	t.Parallel()
	config := awstest.Shared(t).Config()
	bucket := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	store := ssm.NewFromConfig(config)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"versioned", "plain"} {
		_, err := bucket.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-central-1"}})
		must(err)
	}
	_, err := bucket.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: aws.String("versioned"), VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled}})
	must(err)
	for _, text := range []string{"one", "two", "three"} {
		for _, name := range []string{"versioned", "plain"} {
			for _, key := range []string{"vpn/rules.json", "vpn/rules.json.bak"} {
				_, err := bucket.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &name, Key: &key, Body: strings.NewReader(text)})
				must(err)
			}
		}
		for name, kind := range map[string]ssmtypes.ParameterType{"/vpn/rules": ssmtypes.ParameterTypeString, "rules": ssmtypes.ParameterTypeSecureString} {
			_, err := store.PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: &text, Type: kind, Overwrite: aws.Bool(true)})
			must(err)
		}
	}
	for key, text := range map[string]string{"deleted.json": "", "large.json": strings.Repeat(" ", 4<<20+1)} {
		for _, text := range []string{"good", text} {
			_, err := bucket.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("versioned"), Key: &key, Body: strings.NewReader(text)})
			must(err)
		}
	}
	_, err = bucket.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("versioned"), Key: aws.String("deleted.json")})
	must(err)
	for arn, want := range map[string]string{
		"arn:aws:s3:::versioned/deleted.json":                       "bad  good",
		"arn:aws:s3:::versioned/large.json":                         "bad good",
		"arn:aws:s3:::versioned/vpn/rules.json":                     "three two one",
		"arn:aws:s3:::plain/vpn/rules.json":                         "three",
		"arn:aws:s3:::plain/missing":                                "bad",
		"arn:aws:s3:::missing/rules.json":                           "error",
		"arn:aws:ssm:eu-central-1:123456789012:parameter/vpn/rules": "three two one",
		"arn:aws:ssm:eu-central-1:123456789012:parameter/rules":     "three two one",
		"arn:aws:ssm:eu-central-1:123456789012:parameter/missing":   "error",
	} {
		versions, err := rulefile.Open(config, arn)
		must(err)
		var got, ids []string
		for v, err := range versions(t.Context()) {
			switch {
			case errors.Is(err, rulefile.ErrVersion):
				got = append(got, "bad")
				continue
			case err != nil:
				got = append(got, "error")
				continue
			}
			got, ids = append(got, string(v.Text)), append(ids, v.ID)
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s: got %q, want %q", arn, text, want)
		}
		for i, id := range ids {
			if id == "" || i > 0 && id == ids[i-1] {
				t.Errorf("%s: the ids %q", arn, ids)
			}
		}
	}
	for _, arn := range []string{"", "rules.json", "arn:aws:s3:::bucket", "arn:aws:s3:::/key", "arn:aws:ssm:eu-central-1:1:document/x", "arn:aws:sqs:eu-central-1:1:q"} {
		if _, err := rulefile.Open(config, arn); err == nil {
			t.Errorf("%q was accepted", arn)
		}
	}
}

// TestHangs: rules that are in force do not wait for an answer that never comes.
func TestHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := history{texts: []string{file(1, false)}}
		f := rulefile.New(rulefile.Config{Versions: h.versions})
		if _, err := f.Rules(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		h.hang = true
		begun := time.Now()
		if set, err := f.Rules(t.Context()); set.Len() != 1 || err != nil || time.Since(begun) != 5*time.Second {
			t.Errorf("got %d rules, %v, after %v", set.Len(), err, time.Since(begun))
		}
	})
}
