package rulefile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"vpnattach/shared/aws/retry"
)

const (
	// mostVersions is how many versions are looked at for one that is good.
	mostVersions = 10
	// mostBytes is how large a rule file may be.
	mostBytes = 4 << 20
)

// ErrVersion is the error of a version that has been deleted, or is too large.
var ErrVersion = errors.New("this version is not one that can be read")

// Version is one version of a rule file.
type Version struct {
	ID   string // another one for each version, as long as the file is not deleted
	Text []byte
}

// Versions yields the versions of a rule file, the newest first. It ends after an error,
// but for one of the version itself, [ErrVersion].
type Versions func(ctx context.Context) iter.Seq2[Version, error]

// Open finds the rule file by its ARN. It fails for one that is not the ARN of an object
// in S3, or of a parameter.
func Open(config aws.Config, name string) (Versions, error) {
	parsed, err := arn.Parse(name)
	bucket, key, _ := strings.Cut(parsed.Resource, "/")
	switch {
	case err == nil && parsed.Service == "s3" && bucket != "" && key != "":
		client := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = config.BaseEndpoint != nil })
		return (&object{client, bucket, key}).versions, nil
	case err == nil && parsed.Service == "ssm" && bucket == "parameter" && key != "":
		return (&parameter{ssm.NewFromConfig(config, func(o *ssm.Options) { o.Region = parsed.Region }), name}).versions, nil
	}
	return nil, errors.New("must be arn:aws:s3:::bucket/key or arn:aws:ssm:region:account:parameter/name")
}

// object is an object in S3.
type object struct {
	client      *s3.Client
	bucket, key string
}

func (o *object) versions(ctx context.Context) iter.Seq2[Version, error] {
	return func(yield func(Version, error) bool) {
		newest, err := o.get(ctx, nil)
		if !yield(newest, err) || err != nil && !errors.Is(err, ErrVersion) {
			return
		}
		// Other keys that begin so come behind this one.
		list, err := o.client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &o.bucket, Prefix: &o.key, MaxKeys: aws.Int32(2 * mostVersions)})
		if err != nil {
			yield(Version{}, fmt.Errorf("list the versions of %s: %w", o.key, retry.Of(err)))
			return
		}
		for i := range list.Versions {
			v := &list.Versions[i]
			if aws.ToString(v.Key) != o.key || aws.ToBool(v.IsLatest) {
				continue
			}
			older, err := o.get(ctx, v.VersionId)
			if !yield(older, err) || err != nil && !errors.Is(err, ErrVersion) {
				return
			}
		}
	}
}

func (o *object) get(ctx context.Context, version *string) (Version, error) {
	out, err := o.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &o.bucket, Key: &o.key, VersionId: version})
	if err != nil {
		failed := retry.Of(err)
		// S3 denies access to what has been deleted, unless the caller may list all.
		if failed.Code == "NoSuchKey" || failed.IsDenied() {
			return Version{}, fmt.Errorf("get %s: %w: it has been deleted, or access is denied: %w", o.key, ErrVersion, failed)
		}
		return Version{}, fmt.Errorf("get %s: %w", o.key, failed)
	}
	defer func() { _ = out.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(out.Body, mostBytes+1))
	switch {
	case err != nil:
		return Version{}, fmt.Errorf("get %s: %w", o.key, err)
	case len(text) > mostBytes:
		return Version{}, fmt.Errorf("get %s: %w: it has more than %d bytes", o.key, ErrVersion, mostBytes)
	}
	id := aws.ToString(out.VersionId)
	if id == "" || id == "null" { // the bucket keeps no versions
		id = aws.ToString(out.ETag)
	}
	return Version{id, text}, nil
}

// parameter is a parameter in the Parameter Store.
type parameter struct {
	client *ssm.Client
	arn    string
}

func (p *parameter) versions(ctx context.Context) iter.Seq2[Version, error] {
	return func(yield func(Version, error) bool) {
		name, number := p.arn, int64(0)
		for {
			out, err := p.client.GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: aws.Bool(true)})
			if err != nil {
				failed := retry.Of(err)
				if number == 0 || failed.Code != "ParameterVersionNotFound" { // else there is no older one
					yield(Version{}, fmt.Errorf("get %s: %w", p.arn, failed))
				}
				return
			}
			number = out.Parameter.Version
			if !yield(Version{strconv.FormatInt(number, 10), []byte(aws.ToString(out.Parameter.Value))}, nil) || number <= 1 {
				return
			}
			number--
			name = aws.ToString(out.Parameter.Name) + ":" + strconv.FormatInt(number, 10)
			// What comes back has the name without the number.
		}
	}
}
