package rotate

// Event is what the function is invoked with: by Secrets Manager with its four steps, by
// rules of EventBridge with [Follow] and [Watch], and by a person with [Plan].
type Event struct {
	Step               string `json:"Step"`
	SecretID           string `json:"SecretId"`
	ClientRequestToken string `json:"ClientRequestToken"` // the version of the secret
}

// The steps.
// Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
const (
	Create = "createSecret"
	Set    = "setSecret"
	Test   = "testSecret"
	Finish = "finishSecret"
	Follow = "follow" // brings our end after a peer that has another key already
	Watch  = "watch"  // goes on with what no call works on; without a secret
	Plan   = "plan"   // checks everything and changes nothing
)
