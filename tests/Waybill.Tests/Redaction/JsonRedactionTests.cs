using System.Text;

namespace Waybill.Redaction;

public sealed class JsonRedactionTests
{
    private static readonly Redactor Redactor = new(new byte[32]);

    private static string Redact(string json) => Encoding.UTF8.GetString(Redactor.RedactJson(Encoding.UTF8.GetBytes(json), new TextContext(RedactedSignal.Changes)));

    [Theory]
    [InlineData("""{"a":1,"b":[true,null,1.50,"x\ty"]}""", """{"a":1,"b":[true,null,1.50,"x\ty"]}""")]
    [InlineData("""{ "password" : "x y" , "n" : 1 }""", """{ "password" : "[redacted:sensitive-key]" , "n" : 1 }""")]
    [InlineData("""{"db":{"password":{"value":"x","n":7}},"n":1}""", """{"db":{"password":{"value":"[redacted:sensitive-key]","n":"[redacted:sensitive-key]"}},"n":1}""")]
    [InlineData("""{"card":4111111111111111,"id":4111111111111111}""", """{"card":"************1111","id":4111111111111111}""")]
    [InlineData("""["line\npassword=\"x\"","y"]""", """["line\u000apassword=\"[redacted:password]\"","y"]""")]
    [InlineData("""{"cookie":["a=b; c=d"]}""", """{"cookie":["a=[redacted:cookie]; c=[redacted:cookie]"]}""")]
    [InlineData("""{"k":{"$bytes":"cGFzc3dvcmQ9aHVudGVyMg=="}}""", """{"k":{"$bytes":"cGFzc3dvcmQ9W3JlZGFjdGVkOnBhc3N3b3JkXQ=="}}""")]
    [InlineData("""{"password":"","token":null,"secret":true}""", """{"password":"","token":null,"secret":true}""")]
    [InlineData("not json password=hunter2", "not json password=[redacted:password]")]
    [InlineData("{\"a\":\"password=hunter2", "{\"a\":\"password=[redacted:password]")]
    public void Structure_stays(string json, string redacted) => Assert.Equal(redacted, Redact(json));

    [Fact]
    public void A_key_can_be_sensitive_itself()
    {
        string redacted = Redact("""{"ada@example.com":{"visits":3}}""");
        Assert.Matches("""^\{"\[email:[0-9a-f]{16}\]":\{"visits":3\}\}$""", redacted);
    }

    [Fact]
    public void Deep_nesting_is_bounded()
    {
        string deep = new string('[', 5_000) + "\"password=hunter2\"" + new string(']', 5_000);
        Assert.DoesNotContain("hunter2", Redact(deep));
    }
}
