package dynamo

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"vpnattach/shared/aws/retry"
	"vpnattach/shared/ledger"
)

// Attributes that the definition of the table names.
const (
	KeyAttribute    = "pk"      // text
	ExpiryAttribute = "expires" // number: seconds since 1970
)

// API is what a [Table] calls, of [dynamodb.Client]: the permissions that it needs are
// dynamodb:GetItem and dynamodb:PutItem.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
}

// Table is a [ledger.Store], and remembers which ids have been seen. It is safe for
// concurrent use.
type Table struct {
	api  API
	name string
}

// New returns the table with this name or ARN. It calls nothing.
func New(api API, table string) *Table { return &Table{api, table} }

// Load implements [ledger.Store]. An item that can't be understood is an error.
func (t *Table) Load(ctx context.Context, key ledger.Key) (ledger.Entry, error) {
	answer, err := t.api.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.name, Key: item{KeyAttribute: text(key.String())}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return ledger.Entry{}, fmt.Errorf("ledger: read %s: %w", key, retry.Of(err))
	}
	if len(answer.Item) == 0 {
		return ledger.Entry{}, nil
	}
	entry, err := decode(answer.Item)
	if err != nil {
		return ledger.Entry{}, fmt.Errorf("ledger: decode %s: %w", key, err)
	}
	return entry, nil
}

// Save implements [ledger.Store].
func (t *Table) Save(ctx context.Context, key ledger.Key, entry ledger.Entry) error {
	put := &dynamodb.PutItemInput{TableName: &t.name, Item: encode(key, entry)}
	if entry.Version == 0 {
		put.ConditionExpression = aws.String("attribute_not_exists(pk)")
	} else {
		put.ConditionExpression = aws.String("version = :loaded")
		put.ExpressionAttributeValues = item{":loaded": number(entry.Version)}
	}
	_, err := t.api.PutItem(ctx, put)
	var failed *types.ConditionalCheckFailedException
	switch {
	case err == nil:
		return nil
	case errors.As(err, &failed):
		return ledger.ErrConflict
	case isTooLarge(err):
		return fmt.Errorf("ledger: the entry of %s, %d fields with the ids and sources of their events, is larger than the 400 KB that an item may have: %w", key, len(entry.Fields), retry.Of(err))
	}
	return fmt.Errorf("ledger: write %s: %w", key, retry.Of(err))
}

func isTooLarge(err error) bool {
	var refused smithy.APIError
	return errors.As(err, &refused) && refused.ErrorCode() == "ValidationException" &&
		strings.Contains(refused.ErrorMessage(), "Item size")
}

// FirstSeen remembers the id, of at most 2,043 bytes, for as long as keep from now on,
// and returns the now of the call that has seen it first, which is this one's when
// none has in the time that it is kept. Of several calls at once all get the same
// answer.
func (t *Table) FirstSeen(ctx context.Context, id string, now time.Time, keep time.Duration) (time.Time, error) {
	_, err := t.api.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name,
		Item: item{
			KeyAttribute:    text("seen/" + id),
			"time":          instant(now),
			ExpiryAttribute: seconds(now.Add(keep).Add(time.Second - 1)), // rounded up
		},
		// Items are deleted days after they have expired.
		ConditionExpression:                 aws.String("attribute_not_exists(pk) OR expires <= :now"),
		ExpressionAttributeValues:           item{":now": seconds(now)},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var failed *types.ConditionalCheckFailedException
	switch {
	case err == nil:
		return now, nil
	case !errors.As(err, &failed):
		return time.Time{}, fmt.Errorf("remember that an id has been seen: %w", retry.Of(err))
	}
	first, err := timeOf(failed.Item["time"])
	if err != nil {
		return time.Time{}, fmt.Errorf("read when an id was first seen: %w", err)
	}
	return first, nil
}

// Seen reports whether the id is remembered at that time.
func (t *Table) Seen(ctx context.Context, id string, now time.Time) (bool, error) {
	answer, err := t.api.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.name, Key: item{KeyAttribute: text("seen/" + id)}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return false, fmt.Errorf("look up whether an id has been seen: %w", retry.Of(err))
	}
	expires, ok := answer.Item[ExpiryAttribute].(*types.AttributeValueMemberN)
	if !ok {
		return false, nil
	}
	until, err := strconv.ParseInt(expires.Value, 10, 64)
	return err == nil && until > now.Unix(), nil // items are deleted days after they have expired
}

func seconds(t time.Time) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(t.Unix(), 10)}
}
