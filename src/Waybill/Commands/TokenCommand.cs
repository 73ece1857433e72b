using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Waybill.Access;
using Waybill.Api;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary><c>waybill token</c> and <c>waybill key</c>: credentials of programs, in the data directory itself.</summary>
internal static class TokenCommand
{
    private const int DaysDefault = 90, DaysMax = 366;

    public static Command Create() => Of("token", key: false, "API tokens of a server: for programs that ask it. Works on its data directory, whether it runs or not.");

    /// <summary>The same for those that send.</summary>
    public static Command CreateKey() => Of("key", key: true, "Ingest keys of a server: for programs that send to it. Works on its data directory, whether it runs or not.");

    private static Command Of(string noun, bool key, string description)
    {
        var name = new Argument<string>("NAME") { Description = "What uses it, such as ci or checkout-service." };
        var days = new Option<int>("--days") { Description = $"Until it expires, at most {DaysMax}; 0: never.", DefaultValueFactory = _ => DaysDefault, HelpName = "N" };
        var create = new Command("create", $"Make a {noun}. It is shown this once and kept nowhere.") { name, days, AccountOptions.TenantName };
        if (!key) foreach (Option option in (Option[])[AccountOptions.RoleName, AccountOptions.Services, AccountOptions.Environments]) create.Options.Add(option);
        create.SetAction(parsed =>
        {
            Grant grant = key ? Grant.Of(Role.Sender.Name, parsed.GetValue(AccountOptions.TenantName) ?? AccountOptions.TenantDefault) : AccountOptions.GrantOf(parsed);
            return Make(parsed, key, parsed.GetRequiredValue(name), grant, parsed.GetValue(days), parsed.IsJson());
        });
        var list = new Command("list", $"List the {noun}s; never their texts.");
        list.SetAction(parsed => List(AccountOptions.Open(parsed).Read().Tokens.Where(token => token.IsKey == key).ToList(), noun, parsed.IsJson()));
        var id = new Argument<string>("ID") { Description = $"As 'waybill {noun} list' shows it." };
        var revoke = new Command("revoke", "Take it back: from the next request on it is not known.") { id };
        revoke.SetAction(parsed =>
        {
            string wanted = parsed.GetRequiredValue(id);
            if (AccountOptions.Open(parsed).Read().Tokens.FirstOrDefault(token => token.Id == wanted && token.IsKey == key) is { } known)
                AccountOptions.Note(parsed, $"{noun}.revoke", known.Id, known.Grant, new { known.Name, known.Owner });
            if (!AccountOptions.Open(parsed).Change(current => (current.WithoutToken(wanted), current.Tokens.Any(token => token.Id == wanted && token.IsKey == key))))
                throw new CommandFailure($"There is no {noun} '{wanted}'. 'waybill {noun} list' shows all.");
            Console.Out.WriteLine($"{wanted} is revoked.");
            return ExitCode.Done;
        });
        return new Command(noun, description) { AccountOptions.Data, create, list, revoke };
    }

    private static int Make(ParseResult parsed, bool key, string name, Grant grant, int days, bool asJson)
    {
        if (days is < 0 or > DaysMax) throw new CommandFailure($"--days: it lives 1 to {DaysMax} days, or 0 for ever.");
        if (grant.Wrong() is { } wrong) throw new CommandFailure(wrong);
        Secret text = TokenText.Make(key ? TokenText.KeyPrefix : TokenText.TokenPrefix);
        long now = AccountOptions.NowUnixSeconds;
        var token = new Token(Token.NewId(key), name, null, TokenText.Hash(text.Reveal()), grant, now, days == 0 ? null : now + days * 86_400L);
        AccountsFile file = AccountOptions.Open(parsed);
        AccountOptions.Note(parsed, key ? "key.create" : "token.create", token.Id, grant, new { token.Name, grant = grant.ToString(), token.ExpiresUnixSeconds });
        file.Change(current => (current.With(token), true));
        if (asJson)
        {
            JsonOutput.Write(json =>
            {
                json.WriteStartObject();
                json.WriteString("id", token.Id);
                json.WriteString("text", text.Reveal());
                AccountOptions.Write(json, grant);
                json.WriteEndObject();
            });
            return ExitCode.Done;
        }
        Console.Out.WriteLine(text.Reveal());
        Console.Error.WriteLine($"{token.Id} ({name}) is {grant}. It is shown this once; {(days == 0 ? "it never expires" : $"it expires in {days} days")}.");
        Console.Error.WriteLine(key ? "SDKs: OTEL_EXPORTER_OTLP_HEADERS=\"api-key=<the key>\"" : $"Commands: {TokenOption.Variable}=<the token>; HTTP: Authorization: Bearer <the token>");
        return ExitCode.Done;
    }

    private static int List(List<Token> tokens, string noun, bool asJson)
    {
        if (asJson)
        {
            JsonOutput.Write(json =>
            {
                json.WriteStartArray();
                foreach (Token token in tokens)
                {
                    json.WriteStartObject();
                    json.WriteString("id", token.Id);
                    json.WriteString("name", token.Name);
                    json.WriteString("owner", token.Owner);
                    AccountOptions.Write(json, token.Grant);
                    if (token.ExpiresUnixSeconds is { } expires) json.WriteString("expiresUnixNano", $"{expires}000000000");
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            });
            return ExitCode.Done;
        }
        var screen = Screen.Open();
        var table = Screen.Table("ID", "NAME", "OWNER", "ROLE", "EXPIRES");
        foreach (Token token in tokens)
            table.AddRow(Screen.Cell(token.Id), Screen.Cell(Visible.Cut(Visible.Of(token.Name), 32)), Screen.Cell(Visible.Of(token.Owner ?? "")), Screen.Cell(Visible.Of(token.Grant.ToString())),
                Screen.Cell(token.ExpiresUnixSeconds is { } expires ? DateTimeOffset.FromUnixTimeSeconds(expires).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "never"));
        if (tokens.Count > 0) screen.WriteTable(table);
        else screen.WriteLine($"There are no {noun}s. 'waybill {noun} create NAME' makes one.");
        return ExitCode.Done;
    }
}
