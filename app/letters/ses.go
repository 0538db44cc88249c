package letters

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
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

// LetterHeader carries the letter's row in every mail.
const LetterHeader = "X-Portico-Letter"

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
	if set := cmp.Or(e.Set, s.configurationSet); set != "" {
		in.ConfigurationSetName = aws.String(set)
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
			return temporary("an address is not verified at SES", errors.Join(errNotVerified, err))
		}
		return refused("SES rejected the message", err)
	case "InvalidParameterValue":
		return refused("SES does not take this address", err)
	case "Throttling", "ThrottlingException", "TooManyRequestsException":
		return temporary("SES throttles", err)
	case "MailFromDomainNotVerifiedException", "FromEmailAddressNotVerifiedException":
		return temporary("the sender is not verified at SES", errors.Join(errNotVerified, err))
	case "AccountSendingPausedException", "ConfigurationSetSendingPausedException":
		return temporary("SES has paused sending", err)
	case "ConfigurationSetDoesNotExist", "ConfigurationSetDoesNotExistException":
		return temporary("SES does not know the configuration set", errors.Join(errNoSet, err))
	}
	return temporary("SES does not answer as it should", err)
}

// Attributes are what SES says of one identity, in its own words: Pending, Success, Failed, TemporaryFailure,
// NotStarted. Of an identity that SES does not know it says nothing.
type Attributes struct {
	Status   string   // of what was asked about
	On       bool     // of DKIM: SES signs
	Tokens   []string // of DKIM
	MailFrom string   // of MAIL FROM: the domain that was set
}

// AskDomain asks for a domain's identity and answers its DKIM tokens, three names of CNAME records; asked
// again, the same. The first success of DKIM verifies the domain too (VerifyDomainDkim's documentation), so
// that no record beside them is needed.
func (s *SES) AskDomain(ctx context.Context, domain string) (tokens []string, err error) {
	out, err := s.client.VerifyDomainDkim(ctx, &ses.VerifyDomainDkimInput{Domain: aws.String(domain)})
	if err != nil {
		return nil, err
	}
	return out.DkimTokens, nil
}

// SetMailFrom sets the domain of the envelope's sender. Until its MX is found, SES uses its own.
func (s *SES) SetMailFrom(ctx context.Context, domain, mailFrom string) error {
	_, err := s.client.SetIdentityMailFromDomain(ctx, &ses.SetIdentityMailFromDomainInput{Identity: aws.String(domain),
		MailFromDomain: aws.String(mailFrom), BehaviorOnMXFailure: types.BehaviorOnMXFailureUseDefaultValue})
	return err
}

// MakeSet makes a configuration set; one that is there already is as good.
func (s *SES) MakeSet(ctx context.Context, name string) error {
	_, err := s.client.CreateConfigurationSet(ctx, &ses.CreateConfigurationSetInput{ConfigurationSet: &types.ConfigurationSet{Name: aws.String(name)}})
	if is(err, "ConfigurationSetAlreadyExists", "ConfigurationSetAlreadyExistsException") {
		return nil
	}
	return err
}

// Publish makes a configuration set tell an SNS topic what became of letters; asked again, it does anew.
func (s *SES) Publish(ctx context.Context, set, topic string) error {
	to := &types.EventDestination{Name: aws.String("portico"), Enabled: true, SNSDestination: &types.SNSDestination{TopicARN: aws.String(topic)},
		MatchingEventTypes: []types.EventType{types.EventTypeDelivery, types.EventTypeBounce, types.EventTypeComplaint}}
	_, err := s.client.CreateConfigurationSetEventDestination(ctx, &ses.CreateConfigurationSetEventDestinationInput{
		ConfigurationSetName: aws.String(set), EventDestination: to})
	if is(err, "EventDestinationAlreadyExists", "EventDestinationAlreadyExistsException") {
		return nil
	}
	return err
}

// LookIdentities asks for the verification of a hundred domains at most, by domain.
func (s *SES) LookIdentities(ctx context.Context, domains []string) (map[string]Attributes, error) {
	out, err := s.client.GetIdentityVerificationAttributes(ctx, &ses.GetIdentityVerificationAttributesInput{Identities: domains})
	if err != nil {
		return nil, err
	}
	all := map[string]Attributes{}
	for domain, a := range out.VerificationAttributes {
		all[domain] = Attributes{Status: string(a.VerificationStatus)}
	}
	return all, nil
}

// LookDKIM asks for the signing of a hundred domains at most, by domain.
func (s *SES) LookDKIM(ctx context.Context, domains []string) (map[string]Attributes, error) {
	out, err := s.client.GetIdentityDkimAttributes(ctx, &ses.GetIdentityDkimAttributesInput{Identities: domains})
	if err != nil {
		return nil, err
	}
	all := map[string]Attributes{}
	for domain, a := range out.DkimAttributes {
		all[domain] = Attributes{Status: string(a.DkimVerificationStatus), On: a.DkimEnabled, Tokens: a.DkimTokens}
	}
	return all, nil
}

// LookMailFrom asks for the MAIL FROM of a hundred domains at most, by domain.
func (s *SES) LookMailFrom(ctx context.Context, domains []string) (map[string]Attributes, error) {
	out, err := s.client.GetIdentityMailFromDomainAttributes(ctx, &ses.GetIdentityMailFromDomainAttributesInput{Identities: domains})
	if err != nil {
		return nil, err
	}
	all := map[string]Attributes{}
	for domain, a := range out.MailFromDomainAttributes {
		all[domain] = Attributes{Status: string(a.MailFromDomainStatus), MailFrom: aws.ToString(a.MailFromDomain)}
	}
	return all, nil
}

// Trouble sorts why SES did not do what it was asked about an identity: throttled, denied, limit, topic,
// refused, or away, which is also no answer in time. None of SES's own text is in it.
func (s *SES) Trouble(err error) string {
	switch {
	case is(err, "Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"):
		return "throttled"
	case is(err, "AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedOperation", "InvalidClientTokenId",
		"SignatureDoesNotMatch", "ExpiredToken", "ExpiredTokenException", "OptInRequired", "UnrecognizedClientException"):
		return "denied"
	case is(err, "LimitExceeded", "LimitExceededException"):
		return "limit"
	case is(err, "InvalidSNSDestination", "InvalidSNSDestinationException"):
		return "topic"
	case is(err, "InvalidParameterValue", "ValidationError", "InvalidParameterCombination", "MissingParameter"):
		return "refused"
	}
	return "away"
}

// is tells whether an error is one of some codes of SES.
func is(err error, codes ...string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode())
}
