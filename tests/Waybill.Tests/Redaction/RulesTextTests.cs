namespace Waybill.Redaction;

public sealed class RulesTextTests
{
    private static readonly Redactor Redactor = new(new byte[32]);

    private static RuleSet Rules(string yaml)
    {
        var (rules, errors) = RulesText.Parse(yaml);
        Assert.True(errors.Count == 0, string.Join('\n', errors));
        return rules!;
    }

    private static string Redact(string yaml, string text, string key, RedactedSignal signal = RedactedSignal.Traces, string service = "", Carrier carrier = Carrier.SpanAttribute) =>
        Redactor.Redact(text, new TextContext(signal, service, key, carrier), Rules(yaml), new FindingCounts());

    [Theory]
    [InlineData("drop", "")]
    [InlineData("mask", "***-** *")]
    [InlineData("replace", "[redacted:key]")]
    [InlineData("keep", "abc-12 x")]
    [InlineData("{action: truncate, length: 3}", "abc…")]
    [InlineData("{action: replace, replacement: '\"gone\"'}", "\"gone\"")]
    public void A_rule_takes_the_whole_value_of_a_key(string action, string redacted)
    {
        string how = action.StartsWith('{') ? action[1..^1] : $"action: {action}";
        Assert.Equal(redacted, Redact($"rules: [{{name: r, keys: ['*.note'], {how}}}]", "abc-12 x", "order.note"));
    }

    [Fact]
    public void The_first_rule_that_matches_decides()
    {
        const string Yaml = """
            rules:
              - {name: exception, keys: [support.mail], action: keep}
              - {name: masked, detectors: [email], services: ["check*"], action: mask}
            """;
        Assert.Equal("ada@example.com", Redact(Yaml, "ada@example.com", "support.mail"));
        Assert.Equal("***@*******.***", Redact(Yaml, "ada@example.com", "mail", service: "checkout"));
        Assert.StartsWith("[email:", Redact(Yaml, "ada@example.com", "mail", service: "cart"));
    }

    [Fact]
    public void A_pattern_finds_what_only_its_author_knows()
    {
        Assert.Equal("for [redacted:pattern], ä", Redact("rules: [{name: p, pattern: 'C-[0-9]{6}', action: replace}]", "for C-123456, ä", "note"));
        Assert.Equal("für ä [redacted:pattern]!", Redact("rules: [{name: p, pattern: 'C-[0-9]{6}', action: replace}]", "für ä C-123456!", "note"));
        Assert.Equal("test card 4111 1111 1111 1111", Redact("rules: [{name: p, pattern: '4111 1111 1111 1111', action: keep}]", "test card 4111 1111 1111 1111", "note"));
    }

    [Fact]
    public void In_allow_mode_only_named_keys_pass_and_detectors_still_look()
    {
        const string Yaml = "mode: allow\nallow: [\"http.*\", {keys: [log.body], signals: [logs]}]";
        Assert.Equal("", Redact(Yaml, "x", "customer.name"));
        Assert.Equal("GET", Redact(Yaml, "GET", "http.request.method"));
        Assert.Equal("checkout", Redact(Yaml, "checkout", "service.name"));
        Assert.StartsWith("[email:", Redact(Yaml, "ada@example.com", "http.user"));
        Assert.Equal("hello", Redact(Yaml, "hello", "log.body", RedactedSignal.Logs));
    }

    [Fact]
    public void Detectors_can_be_switched_off_and_on()
    {
        Assert.Equal("10.1.2.3", Redact("", "10.1.2.3", "client.address"));
        Assert.Equal("**.*.*.*", Redact("detectors: {ip: mask}", "10.1.2.3", "client.address"));
        Assert.Equal("ada@example.com", Redact("detectors: {email: keep}", "ada@example.com", "mail"));
        Assert.Equal("ada@example.com", Redact("defaults: false", "ada@example.com", "mail"));
        Assert.Equal("peer *:*:*::*", Redact("detectors: {ip: mask}", "peer 2:0:1::9", "note"));
    }

    [Fact]
    public void Every_error_is_told_with_its_line_and_the_fix()
    {
        var (rules, errors) = RulesText.Parse("""
            mode: denny
            detector: {}
            detectors: {emails: mask}
            rules:
              - name: a
                keys: [x]
                action: msk
              - {name: b, pattern: "(?=x)", action: drop}
              - {name: c, pattern: "[", action: drop}
              - {name: d, keys: [x], action: truncate}
              - {name: e, action: drop, signals: [trace]}
            """);
        Assert.Null(rules);
        Assert.Equal("""
            line 2, detector: There is no such field; there are mode, defaults, detectors, allow, rules.
            line 1, mode: 'denny' is not one of deny, allow.
            line 3, detectors: 'emails' is no detector; there are sensitive-key, password, secret, session-id, cookie, authorization, url-password, private-key, jwt, aws-key, azure-key, github-token, gitlab-token, google-key, npm-token, ai-key, sendgrid-key, slack-token, stripe-key, twilio-key, api-key, email, payment-card, iban, phone, ip, us-ssn, uk-nino, de-steuer-id, fr-nir, es-dni, nl-bsn, it-codice-fiscale, pl-pesel, br-cpf, in-aadhaar, ca-sin, se-personnummer, ch-ahv, fi-hetu.
            line 7, rules[0].action: 'msk' is no action here; use drop, mask, hash, truncate, replace or keep.
            line 8, rules[1].pattern: Look-arounds, back-references and atomic groups are not allowed: they can take time without bound. Match what is to go, and its context with a key or a longer pattern.
            line 9, rules[2].pattern: This is no regular expression: Invalid pattern '[' at offset 1. Unterminated [] set.
            line 10, rules[3].length: Say how many characters truncating leaves, such as length: 16.
            line 11, rules[4].signals: 'trace' is no signal; there are traces, logs, metrics, changes, audit.
            line 11, rules[4]: This takes every value of everything. Name keys, carriers, detectors or a pattern; to take everything, write keys: ["*"].
            """, string.Join('\n', errors));
    }

    [Theory]
    [InlineData("rules: [")]
    [InlineData("- a\n- b")]
    [InlineData("rules: {a: b}")]
    [InlineData("rules: [1]")]
    [InlineData("detectors: [email]")]
    [InlineData("a: &x [*x]")]
    [InlineData("? [a]\n: b")]
    public void A_broken_file_gives_errors_and_no_rules(string yaml)
    {
        var (rules, errors) = RulesText.Parse(yaml);
        Assert.Null(rules);
        Assert.NotEmpty(errors);
    }
}
