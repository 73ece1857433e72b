namespace Waybill.Redaction;

/// <summary>What kind of thing a detector finds.</summary>
public enum Family : byte { Secret, Personal, Rule }

/// <summary>Everything that can be found. At most 64: sets of detectors are bit masks.</summary>
public enum Detector : byte
{
    SensitiveKey, Password, Secret, SessionId, Cookie, Authorization, UrlPassword, PrivateKey, Jwt,
    AwsKey, AzureKey, GithubToken, GitlabToken, GoogleKey, NpmToken, AiKey, SendgridKey, SlackToken, StripeKey, TwilioKey, ApiKey,
    Email, PaymentCard, Iban, Phone, IpAddress,
    UsSsn, UkNino, DeSteuerId, FrNir, EsDni, NlBsn, ItCodiceFiscale, PlPesel, BrCpf, InAadhaar, CaSin, SePersonnummer, ChAhv, FiHetu,
    /// <summary>A rule's own regular expression.</summary>
    Pattern,
    /// <summary>A rule that takes the whole value of a key.</summary>
    Key,
}

/// <summary>What is said about a detector, and what happens to what it finds unless a rule says otherwise.</summary>
/// <param name="Name">As rules and findings spell it.</param>
public sealed record DetectorInfo(Detector Detector, string Name, Family Family, RedactionAction Default, string Description);

public static class Detectors
{
    /// <summary>Every detector, in the order of their numbers.</summary>
    public static readonly IReadOnlyList<DetectorInfo> All =
    [
        new(Detector.SensitiveKey, "sensitive-key", Family.Secret, RedactionAction.Replace, "The whole value of a key named as a secret: password, client_secret, api-key, authorization."),
        new(Detector.Password, "password", Family.Secret, RedactionAction.Replace, "Passwords in connection strings, SQL, JSON, forms, XML and command lines."),
        new(Detector.Secret, "secret", Family.Secret, RedactionAction.Replace, "Tokens, keys and signatures after their name: token=, \"client_secret\":, X-Amz-Signature=."),
        new(Detector.SessionId, "session-id", Family.Secret, RedactionAction.Hash, "Session ids of cookies and parameters: JSESSIONID, PHPSESSID, sessionid. Hashed, so that they still join."),
        new(Detector.Cookie, "cookie", Family.Secret, RedactionAction.Replace, "Values in Cookie and Set-Cookie; the names stay."),
        new(Detector.Authorization, "authorization", Family.Secret, RedactionAction.Replace, "Credentials after Bearer, Basic and other schemes; the scheme stays."),
        new(Detector.UrlPassword, "url-password", Family.Secret, RedactionAction.Replace, "The password in scheme://user:password@host."),
        new(Detector.PrivateKey, "private-key", Family.Secret, RedactionAction.Replace, "PEM and OpenSSH private keys."),
        new(Detector.Jwt, "jwt", Family.Secret, RedactionAction.Replace, "JSON Web Tokens."),
        new(Detector.AwsKey, "aws-key", Family.Secret, RedactionAction.Replace, "AWS access key ids."),
        new(Detector.AzureKey, "azure-key", Family.Secret, RedactionAction.Replace, "Azure client secrets."),
        new(Detector.GithubToken, "github-token", Family.Secret, RedactionAction.Replace, "GitHub tokens."),
        new(Detector.GitlabToken, "gitlab-token", Family.Secret, RedactionAction.Replace, "GitLab tokens."),
        new(Detector.GoogleKey, "google-key", Family.Secret, RedactionAction.Replace, "Google API keys, OAuth tokens and client secrets."),
        new(Detector.NpmToken, "npm-token", Family.Secret, RedactionAction.Replace, "npm access tokens."),
        new(Detector.AiKey, "ai-key", Family.Secret, RedactionAction.Replace, "Keys of model providers: sk-, sk-ant-, hf_, gsk_."),
        new(Detector.SendgridKey, "sendgrid-key", Family.Secret, RedactionAction.Replace, "SendGrid API keys."),
        new(Detector.SlackToken, "slack-token", Family.Secret, RedactionAction.Replace, "Slack tokens and webhook addresses."),
        new(Detector.StripeKey, "stripe-key", Family.Secret, RedactionAction.Replace, "Stripe secret, restricted and webhook keys."),
        new(Detector.TwilioKey, "twilio-key", Family.Secret, RedactionAction.Replace, "Twilio API keys."),
        new(Detector.ApiKey, "api-key", Family.Secret, RedactionAction.Replace, "Keys of other vendors, known by their prefix: PyPI, Docker, Vault, DigitalOcean, Shopify, Databricks, Grafana."),
        new(Detector.Email, "email", Family.Personal, RedactionAction.Hash, "E-mail addresses, also URL-encoded. Hashed, so that they still join."),
        new(Detector.PaymentCard, "payment-card", Family.Personal, RedactionAction.Mask, "Payment cards: issuer's prefix and length, Luhn digit, and groups or words that say card. The last four digits stay."),
        new(Detector.Iban, "iban", Family.Personal, RedactionAction.Mask, "Bank accounts: the country's length and the check digits. Country and last four stay."),
        new(Detector.Phone, "phone", Family.Personal, RedactionAction.Mask, "Telephone numbers: international with +, or national after words such as phone. The last two digits stay."),
        new(Detector.IpAddress, "ip", Family.Personal, RedactionAction.Keep, "IPv4 and IPv6 addresses. Off unless a rule names it: addresses of servers are what traces are read for."),
        new(Detector.UsSsn, "us-ssn", Family.Personal, RedactionAction.Mask, "US social security numbers."),
        new(Detector.UkNino, "uk-nino", Family.Personal, RedactionAction.Mask, "UK national insurance numbers."),
        new(Detector.DeSteuerId, "de-steuer-id", Family.Personal, RedactionAction.Mask, "German tax ids, after a word that says so."),
        new(Detector.FrNir, "fr-nir", Family.Personal, RedactionAction.Mask, "French social security numbers."),
        new(Detector.EsDni, "es-dni", Family.Personal, RedactionAction.Mask, "Spanish DNI and NIE."),
        new(Detector.NlBsn, "nl-bsn", Family.Personal, RedactionAction.Mask, "Dutch BSN, after a word that says so."),
        new(Detector.ItCodiceFiscale, "it-codice-fiscale", Family.Personal, RedactionAction.Mask, "Italian codice fiscale."),
        new(Detector.PlPesel, "pl-pesel", Family.Personal, RedactionAction.Mask, "Polish PESEL, after a word that says so."),
        new(Detector.BrCpf, "br-cpf", Family.Personal, RedactionAction.Mask, "Brazilian CPF."),
        new(Detector.InAadhaar, "in-aadhaar", Family.Personal, RedactionAction.Mask, "Indian Aadhaar, after a word that says so."),
        new(Detector.CaSin, "ca-sin", Family.Personal, RedactionAction.Mask, "Canadian SIN, after a word that says so."),
        new(Detector.SePersonnummer, "se-personnummer", Family.Personal, RedactionAction.Mask, "Swedish personnummer, after a word that says so."),
        new(Detector.ChAhv, "ch-ahv", Family.Personal, RedactionAction.Mask, "Swiss AHV/AVS numbers."),
        new(Detector.FiHetu, "fi-hetu", Family.Personal, RedactionAction.Mask, "Finnish personal identity codes."),
        new(Detector.Pattern, "pattern", Family.Rule, RedactionAction.Keep, "A rule's own regular expression."),
        new(Detector.Key, "key", Family.Rule, RedactionAction.Keep, "A rule for the whole value of a key."),
    ];

    private static readonly Dictionary<string, Detector> ByName = All.ToDictionary(info => info.Name, info => info.Detector, StringComparer.Ordinal);

    public static DetectorInfo Info(this Detector detector) => All[(int)detector];

    public static ulong Bit(this Detector detector) => 1UL << (int)detector;

    public static bool TryParse(string name, out Detector detector) => ByName.TryGetValue(name, out detector) && detector < Detector.Pattern;

    /// <summary>The names that rules may use.</summary>
    public static IEnumerable<string> RuleNames => All.Where(info => info.Detector < Detector.Pattern).Select(info => info.Name);
}
