// Package rulefile is a rule file that changes while a function runs: an object in
// Amazon S3, or a parameter in the Parameter Store of AWS Systems Manager.
//
//	versions, err := rulefile.Open(config, "arn:aws:s3:::bucket/rules.json")
//	file := rulefile.New(rulefile.Config{Versions: versions, Log: log})
//	set, err := file.Rules(ctx)
//
// The newest version counts that has no error and passes the tests that it holds, but for
// tests whose event is in another file. It is kept in memory and looked at again after a
// minute. A function that starts while the newest version is bad looks at those before
// it, so all functions use the same; of an object, only a bucket with versioning has any.
//
// It needs s3:GetObject, s3:GetObjectVersion and s3:ListBucketVersions, or
// ssm:GetParameter, and kms:Decrypt where a key of the account's own encrypts.
package rulefile
