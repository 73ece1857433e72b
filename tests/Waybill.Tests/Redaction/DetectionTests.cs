using System.Runtime.InteropServices;
using System.Text;
using Waybill.Batches;
using Waybill.Redaction.Detection;

namespace Waybill.Redaction;

public sealed partial class DetectionTests
{
    private static readonly Redactor Redactor = new(new byte[32]);

    private static string Redact(string text, string key = "") => Redactor.Redact(text, new TextContext(RedactedSignal.Traces, "", key));

    [Theory]
    [InlineData("Cookie: theme=dark; sid=8f7a6b5c; lang=de", "Cookie: theme=[redacted:cookie]; sid=[redacted:cookie]; lang=[redacted:cookie]")]
    [InlineData("Set-Cookie: sid=8f7a6b5c; Path=/; Max-Age=3600", "Set-Cookie: sid=[redacted:cookie]; Path=/; Max-Age=3600")]
    [InlineData("GET / HTTP/1.1\r\nAuthorization: Bearer abc.def-123\r\nHost: x", "GET / HTTP/1.1\r\nAuthorization: Bearer [redacted:authorization]\r\nHost: x")]
    [InlineData("postgres://app:p@ss/w0rd@db:5432/shop", "postgres://app:[redacted:url-password]@db:5432/shop")]
    [InlineData("https://host:8080/a@b", "https://host:8080/a@b")]
    [InlineData("{\"password\":\"a\\\"b\",\"x\":1}", "{\"password\":\"[redacted:password]\",\"x\":1}")]
    [InlineData("CREATE USER u IDENTIFIED WITH mysql_native_password BY 'x y'", "CREATE USER u IDENTIFIED WITH mysql_native_password BY '[redacted:password]'")]
    [InlineData("/in?note=Set-Cookie%3A%20sid%3D8f7a6b5c%3B%20Path%3D%2F", "/in?note=Set-Cookie%3A%20sid%3D[redacted:cookie]%3B%20Path%3D%2F")]
    [InlineData("https://ci.test/x?repo=amqp%3A%2F%2Fbot%3Ahunter2z%40mq%2Fa", "https://ci.test/x?repo=amqp%3A%2F%2Fbot%3A[redacted:url-password]%40mq%2Fa")]
    [InlineData("100% of %zz and 5%25", "100% of %zz and 5%25")]
    [InlineData("SET PASSWORD FOR 'u' = PASSWORD('x y')", "SET PASSWORD FOR 'u' = PASSWORD('[redacted:password]')")]
    [InlineData("card 4111 1111 1111 1111 ok", "card **** **** **** 1111 ok")]
    [InlineData("pay DE89 3704 0044 0532 0130 00 now", "pay DE** **** **** **** **30 00 now")]
    [InlineData("call +49 30 901820 please", "call +** ** ****20 please")]
    [InlineData("headers: [[\"authorization\",\"Bearer abcdef123456\"]]", "headers: [[\"authorization\",\"Bearer [redacted:authorization]\"]]")]
    public void Shapes_and_names_stay(string text, string redacted) => Assert.Equal(redacted, Redact(text));

    [Theory]
    [InlineData("session.id", "00112233-4455-6677-8899-aabbccddeeff")]
    [InlineData("order.id", "4111111111111111")]
    [InlineData("gen_ai.usage.input_tokens", "1500")]
    [InlineData("token_type", "Bearer")]
    [InlineData("k8s.secret.name", "db-main")]
    [InlineData("server.address", "10.1.2.3")]
    [InlineData("unique", "ea0772f2-6b83-4bbc-be27-e7596ab9e5e5")]
    [InlineData("span.id", "be27e7596ab9e5e5")]
    [InlineData("url.full", "https://shop.example/cart?page=2&next_token=abcdef")]
    public void What_joins_and_describes_stays(string key, string value) => Assert.Equal(value, Redact(value, key));

    [Fact]
    public void Equal_addresses_hash_equally_whatever_their_spelling()
    {
        string hashed = Redact("ada@example.com");
        Assert.Matches(@"^\[email:[0-9a-f]{16}\]$", hashed);
        Assert.Equal(hashed, Redact("ADA@Example.com"));
        Assert.Equal(hashed, Redact("ada%40example.com"));
        Assert.NotEqual(hashed, Redact("bob@example.com"));
        Assert.NotEqual(hashed, new Redactor([.. Enumerable.Repeat((byte)1, 32)]).Redact("ada@example.com", default));
    }

    [Fact]
    public void A_clean_text_comes_back_as_it_is()
    {
        string text = new('a', 5_000);
        Assert.Same(text, Redact(text));
    }

    [Theory]
    [InlineData("eyJ-")]
    [InlineData("eyJ.")]
    [InlineData("sk-")]
    [InlineData("SG.")]
    [InlineData("Cookie: ")]
    [InlineData("Authorization: ")]
    [InlineData("password=%(")]
    [InlineData("password: ")]
    [InlineData("\"password\":\"")]
    [InlineData("a://a:")]
    [InlineData("a@")]
    [InlineData("a.b@c.")]
    [InlineData("1 2 3-")]
    [InlineData("4111-")]
    [InlineData("Bearer ")]
    [InlineData("-----BEGIN PRIVATE KEY ")]
    [InlineData("IDENTIFIED BY ")]
    [InlineData("\\\\\"")]
    [InlineData("DE89 ")]
    [InlineData("%40a%40")]
    [InlineData("token=x")]
    [InlineData("<password>")]
    [InlineData("+1 ")]
    public void Hostile_text_takes_time_by_its_length_alone(string unit)
    {
        byte[] small = Repeat(32 * 1024), large = Repeat(256 * 1024);
        var matches = new Column<Match>();
        double one = Best(small), eight = Best(large);
        // Eight times the text may take eight times as long, with room for a busy machine; quadratic would be sixty-four.
        Assert.True(eight < one * 24 + 2, $"{unit}: {one:F2} ms for 32 KiB, {eight:F2} ms for 256 KiB");

        byte[] Repeat(int bytes) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(unit, bytes / unit.Length)));

        double Best(byte[] text) => Enumerable.Range(0, 4).Min(_ =>
        {
            double began = ThreadMilliseconds();
            Scanner.Find(text, ulong.MaxValue, ulong.MaxValue, matches);
            return ThreadMilliseconds() - began;
        });
    }

    /// <summary>Processor time of this thread, which other tests and processes do not disturb.</summary>
    private static double ThreadMilliseconds()
    {
        const int ThreadCpuTime = 3;
        Assert.Equal(0, clock_gettime(ThreadCpuTime, out var time));
        return time.Seconds * 1e3 + time.Nanoseconds / 1e6;
    }

    private struct TimeSpec
    {
        public long Seconds, Nanoseconds;
    }

    [LibraryImport("libc")] private static partial int clock_gettime(int clock, out TimeSpec time);
}
