using System.CommandLine;
using System.Text;
using Spectre.Console;
using Waybill.Access;
using Waybill.Api;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary><c>waybill user</c>: local users, in the data directory itself. A running server sees the change with its next request.</summary>
internal static class UserCommand
{
    private const int LineCharsMax = 1_000;

    public static Command Create()
    {
        var add = new Command("add", "Make a user. The password is asked for, or read from standard input.") { AccountOptions.UserName, AccountOptions.RoleName, AccountOptions.TenantName, AccountOptions.Services, AccountOptions.Environments };
        add.SetAction(parsed => Add(parsed, parsed.GetRequiredValue(AccountOptions.UserName), AccountOptions.GrantOf(parsed)));
        var list = new Command("list", "List the users.");
        list.SetAction(parsed => List(AccountOptions.Open(parsed).Read(), parsed.IsJson()));
        return new Command("user", "Local users of a server. Works on its data directory, whether it runs or not.")
        {
            AccountOptions.Data, add, list,
            Changing("disable", "Let a user in no more: at once, everywhere.", (user, _) => user with { Disabled = true }),
            Changing("enable", "Let a user in again.", (user, _) => user with { Disabled = false }),
            Password(),
        };
    }

    private static int Add(ParseResult parsed, string name, Grant grant)
    {
        AccountsFile file = AccountOptions.Open(parsed);
        if (!User.IsName(name)) throw new CommandFailure(User.NameRule);
        Secret password = ReadPassword();
        if (PasswordHash.Wrong(password, name) is { } wrong) throw new CommandFailure(wrong);
        long now = AccountOptions.NowUnixSeconds;
        string hash = PasswordHash.Make(password);
        bool first = file.Read().IsEmpty;
        AccountOptions.Note(parsed, "user.create", name, grant, new { grant = grant.ToString() });
        if (!file.Change(current => current.FindUser(name) is null ? (current.With(new User(name, hash, grant, false, now, now)), true) : (current, false)))
            throw new CommandFailure($"There is a user '{name}' already. 'waybill user password {name}' sets a new password.");
        Console.Out.WriteLine($"{name} is {grant}.");
        if (first) Console.Out.WriteLine("From now on the server asks everybody who he is, senders too: 'waybill key create' makes a key for them, or write 'ingest: { anonymous: true }' into access.yaml to let this machine's send without.");
        return ExitCode.Done;
    }

    private static int List(Accounts accounts, bool asJson)
    {
        if (asJson)
        {
            JsonOutput.Write(json =>
            {
                json.WriteStartArray();
                foreach (User user in accounts.Users)
                {
                    json.WriteStartObject();
                    json.WriteString("name", user.Name);
                    AccountOptions.Write(json, user.Grant);
                    json.WriteBoolean("disabled", user.Disabled);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            });
            return ExitCode.Done;
        }
        var screen = Screen.Open();
        var table = Screen.Table("NAME", "ROLE", "STATE");
        foreach (User user in accounts.Users.OrderBy(user => user.Name, StringComparer.OrdinalIgnoreCase))
            table.AddRow(Screen.Cell(Visible.Of(user.Name)), Screen.Cell(Visible.Of(user.Grant.ToString())), Screen.Cell(user.Disabled ? "disabled" : "active"));
        if (accounts.Users.Count > 0) screen.WriteTable(table);
        else screen.WriteLine("There are no users. 'waybill user add NAME --role admin' makes the first.");
        return ExitCode.Done;
    }

    private static Command Password()
    {
        var command = new Command("password", "Set a new password. It is asked for, or read from standard input. All sessions of the user end.") { AccountOptions.UserName };
        command.SetAction(parsed =>
        {
            string name = parsed.GetRequiredValue(AccountOptions.UserName);
            Secret password = ReadPassword();
            if (PasswordHash.Wrong(password, name) is { } wrong) throw new CommandFailure(wrong);
            string hash = PasswordHash.Make(password);
            Change(parsed, name, new { password = true }, user => user with { Password = hash, PasswordUnixSeconds = AccountOptions.NowUnixSeconds });
            Console.Out.WriteLine($"{name} has a new password.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Changing(string verb, string description, Func<User, long, User> change)
    {
        var command = new Command(verb, description) { AccountOptions.UserName };
        command.SetAction(parsed =>
        {
            string name = parsed.GetRequiredValue(AccountOptions.UserName);
            Change(parsed, name, new { disabled = verb == "disable" }, user => change(user, AccountOptions.NowUnixSeconds));
            Console.Out.WriteLine($"{name} is {verb}d.");
            return ExitCode.Done;
        });
        return command;
    }

    private static void Change(ParseResult parsed, string name, object detail, Func<User, User> change)
    {
        AccountsFile file = AccountOptions.Open(parsed);
        if (file.Read().FindUser(name) is { } known) AccountOptions.Note(parsed, "user.change", known.Name, known.Grant, detail);
        if (!file.Change(current => current.FindUser(name) is { } user ? (current.With(change(user)), true) : (current, false))) throw new CommandFailure($"There is no user '{name}'. 'waybill user list' shows all.");
    }

    // From a terminal it is typed unseen, twice; else the first line of standard input, for scripts.
    private static Secret ReadPassword()
    {
        if (Console.IsInputRedirected) return new Secret(Console.In.ReadLine() is { Length: <= LineCharsMax } line ? line : throw new CommandFailure("Send the password as one line on standard input."));
        Secret first = Ask("Password: "), second = Ask("Again: ");
        return first.Reveal() == second.Reveal() ? first : throw new CommandFailure("The two are not the same.");
    }

    private static Secret Ask(string prompt)
    {
        Console.Error.Write(prompt);
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace && text.Length > 0) text.Length--;
            else if (!char.IsControl(key.KeyChar) && text.Length < LineCharsMax) text.Append(key.KeyChar);
        }
        Console.Error.WriteLine();
        return new Secret(text.ToString());
    }
}
