package letters

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/aws/smithy-go"
)

// SES hands mail to Amazon SES (v1, SendRawEmail). SES sets a Message-ID of its own; ours travels as
// the header X-Portico-Letter and the message tag of the same meaning, so that feedback finds its row.
type SES struct {
	client           *ses.Client
	configurationSet string
}

// SESSettings say where SES is; credentials come from the SDK's own chain.
type SESSettings struct {
	Region           string // "" is the SDK's own choice (AWS_REGION)
	Endpoint         string // "" is Amazon's
	ConfigurationSet string // "" for none
	Credentials      aws.CredentialsProvider
}

// The message tags that carry the letter's row and its tenant's slug: what SES tells later names them.
const (
	LetterTag = "portico_letter"
	TenantTag = "portico_tenant"
)

// NewSES reads the SDK's configuration. The SDK's own retries are off: the outbox tries again, and a
// retry below it could send twice.
func NewSES(ctx context.Context, s SESSettings) (*SES, error) {
	options := []func(*config.LoadOptions) error{config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} })}
	if s.Region != "" {
		options = append(options, config.WithRegion(s.Region))
	}
	if s.Credentials != nil {
		options = append(options, config.WithCredentialsProvider(s.Credentials))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("SES: %w", err)
	}
	client := ses.NewFromConfig(cfg, func(o *ses.Options) {
		if s.Endpoint != "" {
			o.BaseEndpoint = aws.String(s.Endpoint)
		}
	})
	return &SES{client: client, configurationSet: s.ConfigurationSet}, nil
}

// Send hands one mail over and returns SES's own id.
func (s *SES) Send(ctx context.Context, e Envelope) (string, error) {
	in := &ses.SendRawEmailInput{
		Source:       aws.String(e.From),
		Destinations: []string{e.To},
		RawMessage:   &types.RawMessage{Data: e.Message},
		Tags:         []types.MessageTag{{Name: aws.String(LetterTag), Value: aws.String(e.ID.String())}},
	}
	if e.Tenant != "" {
		in.Tags = append(in.Tags, types.MessageTag{Name: aws.String(TenantTag), Value: aws.String(e.Tenant)})
	}
	if s.configurationSet != "" {
		in.ConfigurationSetName = aws.String(s.configurationSet)
	}
	out, err := s.client.SendRawEmail(ctx, in)
	if err != nil {
		return "", sesFailure(err)
	}
	return aws.ToString(out.MessageId), nil
}

// sesFailure sorts SES's errors: what concerns this message is final; throttling, a paused account and
// an identity that is not verified yet are somebody's to mend, and the letter waits its day.
func sesFailure(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	switch api.ErrorCode() {
	case "MessageRejected":
		// The v1 API says so in words of a sender, or of any address while the account is in its sandbox:
		// "Email address is not verified. The following identities failed the check in region …".
		if strings.Contains(strings.ToLower(api.ErrorMessage()), "is not verified") {
			return temporary("an address is not verified at SES", err)
		}
		return refused("SES rejected the message", err)
	case "InvalidParameterValue":
		return refused("SES does not take this address", err)
	case "Throttling", "ThrottlingException", "TooManyRequestsException":
		return temporary("SES throttles", err)
	case "MailFromDomainNotVerifiedException", "FromEmailAddressNotVerifiedException":
		return temporary("the sender is not verified at SES", err)
	case "AccountSendingPausedException", "ConfigurationSetSendingPausedException":
		return temporary("SES has paused sending", err)
	case "ConfigurationSetDoesNotExist", "ConfigurationSetDoesNotExistException":
		return temporary("SES does not know the configuration set", err)
	}
	return temporary("SES does not answer as it should", err)
}
