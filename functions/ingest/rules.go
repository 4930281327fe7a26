package ingest

import (
	"context"
	"errors"
	"fmt"

	"vpnattach/shared/core/rules"
)

// errNoRules is why events have to come again until there are rules.
var errNoRules = errors.New("no rules are in force")

// rules returns those in force.
func (in *invocation) rules(ctx context.Context) (*rules.Set, error) {
	if in.config.RulesNow == nil {
		return in.config.Rules, nil
	}
	set, err := in.config.RulesNow(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoRules, err)
	}
	return set, nil
}
