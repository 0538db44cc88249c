package letters

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/pinpointsmsvoicev2"
	"github.com/aws/aws-sdk-go-v2/service/pinpointsmsvoicev2/types"
	"github.com/aws/smithy-go"
)

// AWSPhones hands texts and calls to AWS End User Messaging (SendTextMessage, SendVoiceMessage).
type AWSPhones struct {
	client      *pinpointsmsvoicev2.Client
	origination string
}

// AWSPhoneSettings say whose account it is and where.
type AWSPhoneSettings struct {
	Region      string
	KeyID       string // of a tenant's own account; "" uses the SDK's own chain (NewPlatformAWSPhones)
	Secret      string
	Origination string // a number, sender id, or the id of a pool; "" lets AWS choose
	Endpoint    string // "" is Amazon's
}

// NewAWSPhones uses the keys of the settings alone: a tenant's account never falls back on the machine's.
func NewAWSPhones(s AWSPhoneSettings) *AWSPhones {
	return newAWSPhones(aws.Config{Region: s.Region, Credentials: credentials.NewStaticCredentialsProvider(s.KeyID, s.Secret, "")}, s)
}

// NewPlatformAWSPhones reads the SDK's configuration: the platform's own account.
func NewPlatformAWSPhones(ctx context.Context, s AWSPhoneSettings) (*AWSPhones, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(s.Region))
	if err != nil {
		return nil, fmt.Errorf("AWS End User Messaging: %w", err)
	}
	return newAWSPhones(cfg, s), nil
}

// newAWSPhones turns the SDK's own retries off: the outbox tries again, and a retry below it could send twice.
func newAWSPhones(cfg aws.Config, s AWSPhoneSettings) *AWSPhones {
	client := pinpointsmsvoicev2.NewFromConfig(cfg, func(o *pinpointsmsvoicev2.Options) {
		o.Retryer = aws.NopRetryer{}
		if s.Endpoint != "" {
			o.BaseEndpoint = aws.String(s.Endpoint)
		}
	})
	return &AWSPhones{client: client, origination: s.Origination}
}

// awsContext names the letter's row in the account's event stream.
const awsContext = "portico_letter"

// Send makes one text or call and returns AWS's id of it.
func (a *AWSPhones) Send(ctx context.Context, e Envelope) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, handOverPhone)
	defer cancel()
	var origination *string
	if a.origination != "" {
		origination = aws.String(a.origination)
	}
	row := map[string]string{awsContext: e.ID.String()}
	if e.Channel == Voice {
		out, err := a.client.SendVoiceMessage(ctx, &pinpointsmsvoicev2.SendVoiceMessageInput{
			DestinationPhoneNumber: aws.String(e.To), OriginationIdentity: origination, Context: row,
			MessageBody: aws.String(e.Text), MessageBodyTextType: types.VoiceMessageBodyTextTypeText, VoiceId: awsVoice(e.Locale),
			TimeToLive: e.life(5, 3600),
		})
		if err != nil {
			return "", awsPhoneFailure(ctx, err)
		}
		return aws.ToString(out.MessageId), nil
	}
	out, err := a.client.SendTextMessage(ctx, &pinpointsmsvoicev2.SendTextMessageInput{
		DestinationPhoneNumber: aws.String(e.To), OriginationIdentity: origination, Context: row,
		MessageBody: aws.String(e.Text), MessageType: types.MessageTypeTransactional, TimeToLive: e.life(5, 3600),
	})
	if err != nil {
		return "", awsPhoneFailure(ctx, err)
	}
	return aws.ToString(out.MessageId), nil
}

// awsVoice is Amazon Polly's voice for a locale.
func awsVoice(locale string) types.VoiceId {
	switch locale {
	case "de":
		return types.VoiceIdVicki
	case "fr":
		return types.VoiceIdLea
	case "es":
		return types.VoiceIdLucia
	case "ar":
		return types.VoiceIdZeina
	}
	return types.VoiceIdJoanna
}

// awsPhoneFailure sorts AWS's errors: what concerns this message is final; throttling, quotas and an account
// that is not set up are somebody's to mend.
func awsPhoneFailure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return temporary("AWS does not answer as it should", err)
	}
	switch api.ErrorCode() {
	case "ValidationException":
		return refused("AWS does not take this number or message", err)
	case "ConflictException":
		return refused("AWS will not send to this number", err) // opted out, or blocked by the account's protection
	case "ThrottlingException", "ServiceQuotaExceededException":
		return temporary("AWS throttles", err)
	case "AccessDeniedException", "ResourceNotFoundException", "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException":
		return temporary("AWS does not take our account", err)
	}
	return temporary("AWS does not answer as it should", err)
}
