package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"vpnattach/shared/aws/retry"
	"vpnattach/shared/ledger"
)

// fateKept is how long the fate of a change is kept: as long as a queue may hold the
// change, and who waits for it is long gone by then.
const fateKept = 14 * 24 * time.Hour

// RecordFate remembers what has become of the change with that deduplication id.
func (t *Table) RecordFate(ctx context.Context, id string, fate ledger.Fate) error {
	return t.putText(ctx, "fate/"+id, fate, item{ExpiryAttribute: seconds(fate.Time.Add(fateKept))}, nil)
}

// Fate returns what has become of a change, nil while that is open.
func (t *Table) Fate(ctx context.Context, id string) (*ledger.Fate, error) {
	var fate ledger.Fate
	found, err := t.getText(ctx, "fate/"+id, &fate)
	if err != nil || found == nil {
		return nil, err
	}
	return &fate, nil
}

// RecordWaiting remembers that a change of the attachment has gone back to the queue, and
// by when it is delivered again.
func (t *Table) RecordWaiting(ctx context.Context, key ledger.Key, until time.Time) error {
	return t.putText(ctx, "waiting/"+key.String(), until, item{ExpiryAttribute: seconds(until.Add(time.Hour))}, nil)
}

// Waiting returns until when a change of the attachment waits, the zero time for none.
func (t *Table) Waiting(ctx context.Context, key ledger.Key) (until time.Time, err error) {
	_, err = t.getText(ctx, "waiting/"+key.String(), &until)
	return until, err
}

// LoadRotations returns the rotations that are not done.
func (t *Table) LoadRotations(ctx context.Context) (ledger.Rotations, error) {
	var all ledger.Rotations
	found, err := t.getText(ctx, "rotations", &all.Open)
	if err != nil || found == nil {
		return all, err
	}
	if all.Version, err = numberOf(found["version"]); err != nil {
		return all, fmt.Errorf("decode rotations: %w", err)
	}
	return all, nil
}

// SaveRotations writes them if what is stored still has their Version; else it returns
// [ledger.ErrConflict].
func (t *Table) SaveRotations(ctx context.Context, all ledger.Rotations) error {
	more := item{"version": number(all.Version + 1)}
	if all.Version == 0 {
		return t.putText(ctx, "rotations", all.Open, more, func(put *dynamodb.PutItemInput) {
			put.ConditionExpression = aws.String("attribute_not_exists(pk)")
		})
	}
	return t.putText(ctx, "rotations", all.Open, more, func(put *dynamodb.PutItemInput) {
		put.ConditionExpression = aws.String("version = :loaded")
		put.ExpressionAttributeValues = item{":loaded": number(all.Version)}
	})
}

// putText writes a value as JSON text, the attribute "text" of an item.
func (t *Table) putText(ctx context.Context, name string, value any, more item, condition func(*dynamodb.PutItemInput)) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("ledger: encode %s: %w", name, err)
	}
	more[KeyAttribute], more["text"] = text(name), text(string(data))
	put := &dynamodb.PutItemInput{TableName: &t.name, Item: more}
	if condition != nil {
		condition(put)
	}
	_, err = t.api.PutItem(ctx, put)
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return ledger.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("ledger: write %s: %w", name, retry.Of(err))
	}
	return nil
}

// getText reads what putText wrote into value, which stays as it is when there is none.
func (t *Table) getText(ctx context.Context, name string, value any) (item, error) {
	answer, err := t.api.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.name, Key: item{KeyAttribute: text(name)}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, fmt.Errorf("ledger: read %s: %w", name, retry.Of(err))
	}
	if len(answer.Item) == 0 {
		return nil, nil
	}
	data, ok := answer.Item["text"].(*types.AttributeValueMemberS)
	if !ok {
		return nil, fmt.Errorf("ledger: decode %s: it has no text", name)
	}
	if err := json.Unmarshal([]byte(data.Value), value); err != nil {
		return nil, fmt.Errorf("ledger: decode %s: %w", name, err)
	}
	return answer.Item, nil
}
