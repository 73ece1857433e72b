using System.Globalization;

namespace Waybill.Redaction;

/// <summary>
/// More than 20,000 texts as telemetry has them, half of them with something sensitive of a known kind at a known place, half with what only looks so:
/// times, ids, hashes, versions, paths, SQL, prose about secrets. The same for the same seed.
/// </summary>
public static class LabelledCorpus
{
    public const int Seed = 20261122;

    /// <summary>Where a value stands; {0} is the value.</summary>
    private static readonly (string Key, string Template)[] Anywhere =
    [
        ("note", "{0}"), ("message", "customer said {0} on the line"), ("", "failed for {0}"), ("", "user={0} action=login"), ("payload", "{{\"value\":\"{0}\",\"n\":3}}"), ("url.query", "x=1&v={0}&y=2"),
        ("", "[{0}] rejected"), ("", "Invalid input: {0}, expected other"), ("exception.message", "cannot parse \"{0}\" at line 4"), ("", "a;{0};b"), ("db.query.text", "SELECT * FROM t WHERE v = '{0}' LIMIT 5"),
    ];

    public static IReadOnlyList<LabelledText> Make(int perKind = 320, int seed = Seed)
    {
        var random = new Random(seed);
        var values = new SensitiveValues(random);
        var corpus = new List<LabelledText>();
        foreach (var (kind, value, places) in Sensitive(values))
            for (int i = 0; i < perKind; i++)
            {
                var (key, template) = places[random.Next(places.Length)];
                string made = value();
                int start = System.Text.Encoding.UTF8.GetByteCount(string.Format(CultureInfo.InvariantCulture, template[..template.IndexOf("{0}", StringComparison.Ordinal)], ""));
                corpus.Add(new LabelledText(string.Format(CultureInfo.InvariantCulture, template, made), key, kind, start, System.Text.Encoding.UTF8.GetByteCount(made)));
            }
        foreach (var (kind, key, value) in Harmless(values))
            for (int i = 0; i < perKind; i++) corpus.Add(new LabelledText(value(), key, kind, -1, 0));
        return corpus;
    }

    private static IEnumerable<(string Kind, Func<string> Value, (string, string)[] Places)> Sensitive(SensitiveValues v)
    {
        (string, string)[] card = [("card_number", "{0}"), ("", "card {0} declined"), ("", "charged visa {0} 12/27"), ("cc.pan", "{0}"), ("", "{{\"cardNumber\":\"{0}\"}}"), ("", "paid with {0}"), ("payment.card", "no {0}.")];
        (string, string)[] phone = [("phone", "{0}"), ("", "call {0} back"), ("", "tel: {0}"), ("customer.phone", "{0}"), ("", "{{\"phone\":\"{0}\"}}"), ("contact.mobile", "{0}")];
        yield return ("email", v.Email, [.. Anywhere, ("url.full", "https://shop.example/reset?mail={0}&x=1"), ("", "mailto:{0}"), ("", "From: Ada <{0}>")]);
        yield return ("email", () => v.Email().Replace("@", "%40", StringComparison.Ordinal), [("url.query", "mail={0}&x=1"), ("url.full", "https://shop.example/u/{0}/edit")]);
        yield return ("payment-card", v.Card, card);
        yield return ("payment-card", v.GroupedCard, [.. Anywhere, .. card]);
        yield return ("iban", v.Iban, Anywhere);
        yield return ("phone", v.Phone, [("note", "{0}"), ("", "from {0} to support"), ("", "\"{0}\""), .. phone]);
        yield return ("phone", v.LocalPhone, phone);
        yield return ("us-ssn", v.Ssn, Anywhere);
        yield return ("us-ssn", () => v.Ssn().Replace("-", "", StringComparison.Ordinal), [("ssn", "{0}"), ("user.ssn", "{0}"), ("", "SSN {0} not found"), ("", "{{\"ssn\":\"{0}\"}}"), ("", "social security number: {0}")]);
        yield return ("uk-nino", v.Nino, Anywhere);
        yield return ("de-steuer-id", v.SteuerId, [("steuer_id", "{0}"), ("", "Steuer-ID {0} fehlt"), ("taxId", "{0}"), ("", "IdNr: {0}"), ("", "tax id {0} invalid")]);
        yield return ("fr-nir", v.Nir, Anywhere);
        yield return ("es-dni", v.Dni, Anywhere);
        yield return ("nl-bsn", v.Bsn, [("bsn", "{0}"), ("", "BSN {0}"), ("", "burgerservicenummer={0}"), ("", "{{\"bsn\":\"{0}\"}}")]);
        yield return ("it-codice-fiscale", v.CodiceFiscale, Anywhere);
        yield return ("pl-pesel", v.Pesel, [("pesel", "{0}"), ("", "PESEL: {0}"), ("", "{{\"pesel\":\"{0}\"}}")]);
        yield return ("br-cpf", v.Cpf, Anywhere);
        yield return ("in-aadhaar", v.Aadhaar, [("aadhaar", "{0}"), ("", "Aadhaar {0} verified"), ("", "aadhaarNumber={0}"), ("kyc.aadhaar_number", "{0}")]);
        yield return ("ca-sin", v.Sin, [("sin", "{0}"), ("", "SIN {0}"), ("", "social insurance number {0}")]);
        yield return ("se-personnummer", v.Personnummer, [("personnummer", "{0}"), ("", "personnummer {0} saknas"), ("pnr", "{0}")]);
        yield return ("ch-ahv", v.Ahv, Anywhere);
        yield return ("fi-hetu", v.Hetu, [("hetu", "{0}"), ("", "henkilötunnus {0}"), ("", "hetu={0}")]);
        yield return ("jwt", v.Jwt, Anywhere);
        yield return ("private-key", v.PrivateKey, [("", "loaded {0}"), ("tls.key", "{0}"), ("config", "key: {0}")]);
        foreach (var secret in Secrets(v)) yield return secret;
    }

    private static IEnumerable<(string Kind, Func<string> Value, (string, string)[] Places)> Secrets(SensitiveValues v)
    {
        yield return ("aws-key", () => v.Pick("AKIA", "ASIA") + v.Upper32(16), Anywhere);
        yield return ("github-token", () => v.Pick("ghp_", "gho_", "ghs_") + v.Token(36), Anywhere);
        yield return ("gitlab-token", () => "glpat-" + v.Token(20), Anywhere);
        yield return ("slack-token", () => $"xoxb-{v.Digits(12)}-{v.Digits(12)}-{v.Token(24)}", Anywhere);
        yield return ("stripe-key", () => v.Pick("sk_live_", "rk_live_", "sk_test_") + v.Token(24), Anywhere);
        yield return ("google-key", () => "AIza" + v.Token(35), Anywhere);
        yield return ("ai-key", () => v.Pick("sk-proj-", "sk-ant-api03-", "sk-") + v.Token(48), Anywhere);
        yield return ("sendgrid-key", () => $"SG.{v.Token(22)}.{v.Token(43)}", Anywhere);
        yield return ("twilio-key", () => "SK" + v.Hex(32), Anywhere);
        yield return ("npm-token", () => "npm_" + v.Token(36), Anywhere);
        yield return ("azure-key", () => $"{v.Token(3)}{v.Digits(1)}Q~{v.Token(34)}", Anywhere);
        yield return ("api-key", () => v.Pick("dop_v1_" + v.Hex(64), "shpat_" + v.Hex(32), "pypi-AgEIcHlwaS5vcmc" + v.Token(60), "hvs." + v.Token(32), "dckr_pat_" + v.Token(27)), Anywhere);
        yield return ("authorization", () => v.Token(32), [("", "Authorization: Bearer {0}"), ("", "calling with bearer {0} now"), ("http.request.header.authorization", "Bearer {0}"), ("", "{{\"authorization\":\"Bearer {0}\"}}")]);
        yield return ("authorization", () => SensitiveValues.Base64($"{v.Pick("ada", "svc", "root")}:{v.Password()}"), [("", "Authorization: Basic {0}"), ("", "sent Basic {0}"), ("http.request.header.authorization", "Basic {0}")]);
        yield return ("url-password", v.Password, [("", "connecting to postgres://app:{0}@db:5432/shop"), ("db.url", "redis://:{0}@cache:6379/0"), ("url.full", "https://ada:{0}@intranet.example/path?x=1"), ("", "amqp://guest:{0}@mq//")]);
        yield return ("password", v.Password,
        [
            ("", "login with password={0} failed"), ("db.connection_string", "Server=db;User Id=sa;Password={0};Encrypt=true"), ("", "{{\"user\":\"ada\",\"password\":\"{0}\"}}"), ("url.query", "user=ada&password={0}&x=1"),
            ("process.command_line", "mysqladmin --password={0} status"), ("process.command_line", "tool --password {0} --verbose"), ("db.query.text", "CREATE USER ada IDENTIFIED BY '{0}'"),
            ("db.query.text", "ALTER ROLE ada WITH PASSWORD '{0}'"), ("db.query.text", "UPDATE users SET password = '{0}' WHERE id = 1"), ("", "<login><password>{0}</password></login>"), ("", "PGPASSWORD={0} psql -h db"),
            ("", "{{\\\"passwd\\\":\\\"{0}\\\"}}"), ("", "user: ada\npassword: {0}\n"),
        ]);
        yield return ("secret", () => v.Token(32),
        [
            ("url.query", "access_token={0}&x=1"), ("", "client_secret={0}"), ("", "{{\"apiKey\":\"{0}\"}}"), ("", "x-api-key: {0}"), ("url.full", "https://b.example/f?X-Amz-Signature={0}"), ("", "{{\"refresh_token\": \"{0}\"}}"),
            ("", "AccountKey={0};EndpointSuffix=core"), ("process.command_line", "deploy --token {0}"), ("", "AWS_SECRET_ACCESS_KEY={0}"),
        ]);
        yield return ("cookie", () => v.Token(24), [("", "Cookie: sid={0}"), ("http.request.header.cookie", "theme={0}"), ("", "Set-Cookie: session={0}; Path=/; HttpOnly"), ("http.response.header.set-cookie", "s={0}; Secure")]);
        yield return ("session-id", () => v.Token(26), [("", "JSESSIONID={0}"), ("url.query", "PHPSESSID={0}"), ("", "sessionid={0} expired")]);
        yield return ("sensitive-key", v.Password, [("password", "{0}"), ("db.password", "{0}"), ("clientSecret", "{0}"), ("x-api-key", "{0}"), ("user.passphrase", "{0}"), ("AUTH_TOKEN", "{0}"), ("smtp_pass_word.password", "{0}")]);
    }

    private static IEnumerable<(string Kind, string Key, Func<string> Value)> Harmless(SensitiveValues v)
    {
        yield return ("time ms", "event.time", () => "17" + v.Digits(11));
        yield return ("time us", "timestamp", () => "17" + v.Digits(14));
        yield return ("time ns", "start", () => "17" + v.Digits(17));
        yield return ("time iso", "time", () => $"2026-{v.Next(1, 13):00}-{v.Next(1, 29):00}T{v.Next(0, 24):00}:{v.Next(0, 60):00}:{v.Next(0, 60):00}.{v.Digits(9)}Z");
        yield return ("time text", "", () => $"2026-{v.Next(1, 13):00}-{v.Next(1, 29):00} {v.Next(0, 24):00}:{v.Next(0, 60):00}:{v.Next(0, 60):00},{v.Digits(3)} INFO started in {v.Digits(4)} ms");
        yield return ("trace id", "trace.id", () => v.Hex(32));
        yield return ("span id", "parent", () => v.Hex(16));
        yield return ("traceparent", "traceparent", () => $"00-{v.Hex(32)}-{v.Hex(16)}-01");
        yield return ("uuid", "request.id", () => Guid(v));
        yield return ("uuid in text", "", () => $"request {Guid(v)} took {v.Next(1, 999)} ms");
        yield return ("order id", "order.id", () => "4" + v.Digits(15));
        yield return ("order in text", "", () => $"order {v.Digits(16)} shipped as {v.Digits(12)}");
        yield return ("bare number", "value", () => v.Digits(v.Next(9, 20)));
        yield return ("snowflake", "message.id", () => v.Digits(19));
        yield return ("payment id", "payment_id", () => "4" + v.Digits(15));
        yield return ("sha", "vcs.ref.head.revision", () => v.Hex(40));
        yield return ("digest", "container.image.id", () => $"sha256:{v.Hex(64)}");
        yield return ("image", "container.image.name", () => $"registry.example/shop/cart:{v.Next(1, 9)}.{v.Next(0, 99)}.{v.Next(0, 99)}@sha256:{v.Hex(64)}");
        yield return ("version", "service.version", () => $"{v.Next(0, 99)}.{v.Next(0, 99)}.{v.Next(0, 9999)}-beta.{v.Next(1, 99)}+{v.Hex(7)}");
        yield return ("package", "", () => $"npm WARN left-pad@{v.Next(0, 9)}.{v.Next(0, 99)}.{v.Next(0, 99)} requires core-js@^{v.Next(2, 4)}.0.0");
        yield return ("decimal", "cart.total", () => $"{v.Next(0, 9)}.{v.Digits(16)}");
        yield return ("exponent", "", () => $"p={v.Next(1, 9)}.{v.Digits(15)}e-{v.Next(10, 99)} q=-{v.Digits(12)}.{v.Digits(4)}");
        yield return ("path", "code.file.path", () => $"/var/lib/app/{v.Hex(8)}/{v.Digits(13)}/file-{v.Digits(6)}.log");
        yield return ("url path", "url.path", () => $"/api/v1/orders/{v.Digits(16)}/items/{v.Digits(9)}");
        yield return ("url", "url.full", () => $"https://shop.example:8443/p/{v.Digits(13)}?page={v.Digits(2)}&size=50&order={v.Digits(10)}&next_token={v.Token(20)}");
        yield return ("sql", "db.query.text", () => $"SELECT id, password_hash FROM users WHERE id = {v.Digits(9)} AND created > '2026-01-{v.Next(10, 28)} 10:00:00' AND password = $1");
        yield return ("sql parameters", "db.query.text", () => $"INSERT INTO users (email, password, token) VALUES (?, ?, :token) -- {v.Hex(8)}");
        yield return ("pod", "k8s.pod.name", () => $"checkout-{v.From("bcdfghjklmnpqrstvwxz2456789", 10)}-{v.From("bcdfghjklmnpqrstvwxz2456789", 5)}");
        yield return ("host", "host.name", () => $"ip-10-{v.Next(0, 255)}-{v.Next(0, 255)}-{v.Next(0, 255)}.eu-central-1.compute.internal");
        yield return ("address", "network.peer.address", () => $"10.{v.Next(0, 255)}.{v.Next(0, 255)}.{v.Next(0, 255)}");
        yield return ("unit file", "", () => $"Started getty@tty{v.Next(1, 9)}.service, mount@{v.Hex(4)}.mount");
        yield return ("git", "vcs.repository.url.full", () => $"git@github.com:acme/{v.From("abcdef", 6)}.git");
        yield return ("ssh", "", () => $"rsync ssh://deploy@build{v.Digits(2)}.example.com/srv");
        yield return ("prose", "", () => v.Pick("Invalid password: must have ten letters", "password is required", "token expired, please sign in", "the bearer token is missing", "Basic authentication failed", "secret not found in vault",
            "no cookie was sent", "authorization header missing", "wrong username or password") + $" (attempt {v.Next(1, 9)})");
        yield return ("about secrets", "auth.detail", () => v.Pick("password_reset_url=/reset", "token_type=bearer", "secret_name=db-main", "password_length=12", "token_count=1500", "cookie_domain=shop.example", "password=***", "password=[redacted]",
            "api_key_id=main", "access_token=${TOKEN}", "password={{password}}", "max_tokens=4096", "secret=<hidden>"));
        yield return ("tokens", "gen_ai.usage.input_tokens", () => v.Digits(5));
        yield return ("java", "", () => $"com.acme.Order@{v.Hex(7)} cannot be cast to java.util.List; at com.acme.Cart.add(Cart.java:{v.Next(10, 999)})");
        yield return ("base64", "blob", () => SensitiveValues.Base64(v.Token(30)));
        yield return ("etag", "http.response.header.etag", () => $"W/\"{v.Hex(10)}-{v.Hex(12)}\"");
        yield return ("user agent", "user_agent.original", () => $"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v.Next(100, 140)}.0.{v.Digits(4)}.{v.Digits(3)} Safari/537.36");
        yield return ("sku", "product.sku", () => $"{v.From("ABCDEFGH", 3)}-{v.Digits(6)}-{v.Digits(4)}");
        yield return ("topic", "messaging.destination.name", () => $"orders.v{v.Next(1, 9)}.partition-{v.Digits(3)}.dead-letter");
        yield return ("mac", "net.mac", () => string.Join(':', Enumerable.Range(0, 6).Select(_ => v.Hex(2))));
        yield return ("money", "", () => $"total {v.Next(1, 999)},{v.Digits(3)},{v.Digits(3)}.{v.Digits(2)} EUR for {v.Digits(5)} items in batch {v.Digits(10)}");
    }

    private static string Guid(SensitiveValues v) => $"{v.Hex(8)}-{v.Hex(4)}-4{v.Hex(3)}-a{v.Hex(3)}-{v.Hex(12)}";
}
