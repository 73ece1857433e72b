using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Waybill.Api;
using Waybill.Encryption;
using Waybill.Ledger;
using Waybill.Options;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary><c>waybill audit</c>: what was done and seen, and proof that the record of it is whole. All but <c>list</c>, <c>who</c> and <c>erase</c> work on a copy of the ledger, without a server.</summary>
internal static class AuditCommand
{
    private static readonly Argument<DirectoryInfo> Directory = new("directory") { Description = "The ledger: the folder 'ledger' in the data directory, or a copy of it." };
    private static readonly Option<string?> Key = new("--key") { Description = "The ledger's public key, or the file it is in. Without it the file keys/ledger.key.pub beside the folder is believed.", HelpName = "KEY" };

    public static Command Create() => new("audit", "Show what was done and seen, and check that the ledger of it is whole.") { List(), Who(), Verify(), Prove(), Check(), Consistency(), Cosign(), Erase() };

    private static Command List()
    {
        var actor = new Option<string?>("--actor") { Description = "Who did it." };
        var action = new Option<string?>("--action") { Description = "What was done: traces.read, or traces for all acts on traces." };
        var resource = new Option<string?>("--resource") { Description = "What it was done to, exactly." };
        var address = new Option<string?>("--address") { Description = "Where the request came from." };
        var trace = new Option<string?>("--trace") { Description = "The trace it belongs to or concerns." };
        var limit = LimitOption.Create("Entries to list.", 50);
        var command = new Command("list", "List entries, newest first.") { actor, action, resource, address, trace, limit, TimeRangeOptions.Since, TimeRangeOptions.Until, ServerOption.Value };
        command.SetAction(async (parsed, cancel) =>
        {
            var query = new UrlQuery("api/audit").Add("actor", parsed.GetValue(actor)).Add("action", parsed.GetValue(action)).Add("resource", parsed.GetValue(resource))
                .Add("address", parsed.GetValue(address)).Add("trace", parsed.GetValue(trace)).Add("limit", parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture));
            query.AddTimeRange(parsed);
            using var client = new ServerClient(parsed.Server());
            if (parsed.IsJson())
            {
                await using Stream body = await client.Get(query.ToString(), cancel);
                await JsonOutput.Copy(body, cancel);
                return ExitCode.Done;
            }
            using JsonDocument answer = await client.GetJson(query.ToString(), cancel);
            WriteEntries(answer.RootElement);
            return ExitCode.Done;
        });
        return command;
    }

    private static void WriteEntries(JsonElement listing)
    {
        var screen = Screen.Open();
        var table = Screen.Table(">NUMBER", "TIME (UTC)", "ACTOR", "FROM", "ACTION", "OUTCOME", "RESOURCE");
        int count = 0;
        foreach (JsonElement entry in listing.Items("entries"))
        {
            string outcome = entry.Text("outcome");
            bool genuine = entry.GetProperty("genuine").GetBoolean();
            table.AddRow(Screen.Cell(Figures.Count(entry.Number("number")), Paint.Faint), Screen.Cell(Figures.Time(entry.Number("timeUnixNano")), Paint.Faint),
                Screen.Cell(entry.GetProperty("actor").Text("id")), Screen.Cell(entry.GetProperty("actor").Text("address"), Paint.Faint), Screen.Cell(entry.Text("action")), Screen.Cell(genuine ? outcome : "✗ CHANGED", genuine && outcome == "done" ? null : Paint.Error),
                entry.GetProperty("erased").GetBoolean() ? Screen.Cell("(forgotten)", Paint.Faint) : Screen.Cell(Visible.Cut(entry.Text("resource"), 80)));
            count++;
        }
        if (count > 0) screen.WriteTable(table);
        else screen.WriteLine("No entry matches. Widen the time with --since 24h.");
    }

    private static Command Who()
    {
        var actor = new Argument<string>("actor") { Description = "The name of a user or token, or whom another system named." };
        var command = new Command("who", "Tell the story of an actor: signed in from where, did what, read and changed which data.") { actor, TimeRangeOptions.Since, TimeRangeOptions.Until, ServerOption.Value };
        command.SetAction(async (parsed, cancel) =>
        {
            var query = new UrlQuery($"api/audit/actors/{Uri.EscapeDataString(parsed.GetRequiredValue(actor))}");
            query.AddTimeRange(parsed);
            using var client = new ServerClient(parsed.Server());
            using JsonDocument answer = await client.GetJson(query.ToString(), cancel);
            if (parsed.IsJson()) JsonOutput.Write(json => answer.RootElement.WriteTo(json));
            else WriteStory(answer.RootElement);
            return ExitCode.Done;
        });
        return command;
    }

    private static void WriteStory(JsonElement story)
    {
        var screen = Screen.Open();
        screen.WriteLine(Visible.Of(story.Text("summary")));
        var table = Screen.Table("ACTION", ">COUNT", ">FAILED", "LAST (UTC)", "ON");
        int rows = 0;
        foreach (JsonElement line in story.Items("did").Concat(story.Items("read")))
        {
            table.AddRow(Screen.Cell(line.Text("action")), Screen.Cell(Figures.Count(line.Number("count"))), Screen.Cell(Figures.Count(line.Number("failed"))),
                Screen.Cell(Figures.Time(line.Number("lastUnixNano")), Paint.Faint), Screen.Cell(Visible.Cut(string.Join(", ", line.Items("resources").Select(resource => Visible.Of(resource.GetString()))), 80)));
            rows++;
        }
        if (rows > 0) screen.WriteTable(table);
        foreach (JsonElement suspicion in story.Items("suspicions")) screen.WriteLine($"! {Visible.Of(suspicion.Text("severity"))}: {Visible.Of(suspicion.Text("sentence"))}");
        Reasons.Write(screen, story);
    }

    private static Command Erase()
    {
        var subject = new Argument<string>("subject") { Description = "The person: what audit events were sent with as 'about'." };
        var command = new Command("erase", "Forget what sealed entries say about a person, by erasing the person's key. Every proof stays valid.") { subject, ServerOption.Value };
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = new ServerClient(parsed.Server());
            using JsonDocument answer = await client.PostText("api/audit/erasures", JsonSerializer.Serialize(new { subject = parsed.GetRequiredValue(subject) }), "application/json", cancel);
            if (parsed.IsJson()) JsonOutput.Write(json => answer.RootElement.WriteTo(json));
            else Console.Out.WriteLine(answer.RootElement.GetProperty("erased").GetBoolean() ? $"Forgotten; entry {answer.RootElement.Number("number")} says that it was done." : "No entry is sealed for this person.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Cosign()
    {
        var witness = new Option<string>("--witness") { Description = "The witness, as 'URL KEY'.", Required = true, HelpName = "WITNESS" };
        var command = new Command("cosign", "Show a ledger's checkpoint to a witness, and print it with the witness's signature: keep it for 'verify --seen'.") { Directory, witness };
        command.SetAction(async (parsed, cancel) =>
        {
            KnownWitness known = KnownWitness.Parse(parsed.GetRequiredValue(witness)) ?? throw new CommandFailure("The witness is a URL, a space and its key: 'https://w.example/witness w.example+0a1b2c3d+BA…'.");
            var files = new TileFiles(parsed.GetValue(Directory)!.FullName);
            string note = files.ReadCheckpoint() ?? throw new CommandFailure($"There is no ledger in {files.Directory}.");
            long size = SignedNote.Parse(note) is { } signed && Checkpoint.Parse(signed.Text) is { } checkpoint ? checkpoint.Size : throw new CommandFailure("Its checkpoint cannot be read.");
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
            try
            {
                var (line, wrong) = await WitnessClient.Submit(http, known, note, new MerkleTree(size, files.ReadHashes), 0, cancel);
                if (line is null) throw new CommandFailure($"{known.Key.Name} has not signed: {Visible.Of(wrong)}.");
                Console.Out.Write(note + line);
                return ExitCode.Done;
            }
            catch (HttpRequestException e)
            {
                throw new CommandFailure($"{known.Url} cannot be reached: {Visible.Of(e.Message)}");
            }
        });
        return command;
    }

    private static Command Verify()
    {
        var cosigner = new Option<string?>("--witness") { Description = "The key of a witness that must have signed each checkpoint of --seen.", HelpName = "KEY" };
        var seen = new Option<FileInfo[]>("--seen") { Description = "A checkpoint that was kept from before: finds a ledger that was put back or written anew.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true };
        var encryptionKey = new Option<string?>("--encryption-key") { Description = "File with the key of the server's Encryption:KeyFile, when the entries are encrypted.", HelpName = "FILE" };
        var command = new Command("verify", "Check every byte of a ledger against its entries and its signed checkpoint.") { Directory, Key, seen, cosigner, encryptionKey };
        command.SetAction((parsed, cancel) =>
        {
            DirectoryInfo directory = parsed.GetValue(Directory)!;
            NoteKey key = ReadKey(parsed.GetValue(Key), directory);
            List<Checkpoint> earlier = [.. (parsed.GetValue(seen) ?? []).Select(file => ReadCheckpoint(file, key, parsed.GetValue(cosigner)))];
            Verification verified = Verification.Of(directory.FullName, key, earlier, SealerFrom(parsed.GetValue(encryptionKey)), cancel);
            if (parsed.IsJson()) Console.Out.WriteLine(JsonSerializer.Serialize(new { whole = verified.IsWhole, size = verified.Size, root = verified.Root.ToString(), faults = verified.Faults }, JsonSerializerOptions.Web));
            else if (verified.IsWhole) Console.Out.WriteLine($"Whole: {Figures.Count(verified.Size, "entry", "entries")}, root {verified.Root}, signed by {key.Name}.");
            else
            {
                foreach (LedgerFault fault in verified.Faults) Console.Out.WriteLine(Visible.Of(fault.ToString()));
                Console.Out.WriteLine($"NOT whole: {Figures.Count(verified.Faults.Count, "fault")}.");
            }
            return Task.FromResult(verified.IsWhole ? ExitCode.Done : ExitCode.Failed);
        });
        return command;
    }

    private static Sealer? SealerFrom(string? file)
    {
        if (file is null) return null;
        if (!File.Exists(file)) throw new CommandFailure($"--encryption-key: there is no file {file}.");
        DataKey key = DataKey.Read(File.ReadAllBytes(file)) ?? throw new CommandFailure($"--encryption-key: {file} holds no key: expected {DataKey.Bytes} bytes, raw or as hex or base64.");
        return DataAtRest.Under(key).SealerFor("ledger");
    }

    private static Command Prove()
    {
        var number = new Argument<long>("number") { Description = "The entry's number." };
        var command = new Command("prove", "Print the proof that a ledger contains an entry.") { Directory, number };
        command.SetAction((parsed, _) =>
        {
            var files = new TileFiles(parsed.GetValue(Directory)!.FullName);
            string note = files.ReadCheckpoint() ?? throw new CommandFailure($"There is no ledger in {files.Directory}.");
            long size = SignedNote.Parse(note) is { } signed && Checkpoint.Parse(signed.Text) is { } checkpoint ? checkpoint.Size : throw new CommandFailure("Its checkpoint cannot be read.");
            long index = parsed.GetValue(number);
            if (index < 0 || index >= size) throw new CommandFailure($"The ledger has {Figures.Count(size, "entry", "entries")}, numbered from 0.");
            Console.Out.Write(new InclusionProof(index, new MerkleTree(size, files.ReadHashes).ProveInclusion(index), note));
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static Command Check()
    {
        var proof = new Argument<FileInfo>("proof") { Description = "What 'waybill audit prove' printed." };
        var entry = new Argument<FileInfo>("entry") { Description = "The entry's bytes, exactly." };
        var key = new Option<string>("--key") { Description = "The ledger's public key, or the file it is in.", Required = true, HelpName = "KEY" };
        var command = new Command("check", "Check a proof with nothing but the entry and the ledger's public key.") { proof, entry, key };
        command.SetAction((parsed, _) =>
        {
            InclusionProof shown = InclusionProof.Parse(File.ReadAllText(parsed.GetValue(proof)!.FullName)) ?? throw new CommandFailure("The file is not a proof: expected the output of 'waybill audit prove'.");
            string? wrong = shown.Check(File.ReadAllBytes(parsed.GetValue(entry)!.FullName), ReadKey(parsed.GetValue(key), null));
            Console.Out.WriteLine(wrong is null ? $"Proven: it is entry {shown.Index}." : $"NOT proven: {wrong}.");
            return Task.FromResult(wrong is null ? ExitCode.Done : ExitCode.Failed);
        });
        return command;
    }

    private static Command Consistency()
    {
        var old = new Argument<FileInfo>("old") { Description = "A checkpoint that was kept from before." };
        var command = new Command("consistency", "Print the proof that a ledger begins with what an older checkpoint saw.") { Directory, old, Key };
        command.SetAction((parsed, _) =>
        {
            DirectoryInfo directory = parsed.GetValue(Directory)!;
            NoteKey key = ReadKey(parsed.GetValue(Key), directory);
            var files = new TileFiles(directory.FullName);
            var (now, wrong) = Checkpoint.Open(files.ReadCheckpoint() ?? throw new CommandFailure($"There is no ledger in {files.Directory}."), key);
            if (now is null) throw new CommandFailure($"The ledger's checkpoint cannot be believed: {wrong}.");
            Checkpoint then = ReadCheckpoint(parsed.GetValue(old)!, key);
            if (then.Size > now.Size) throw new CommandFailure($"NOT consistent: the ledger had {Figures.Count(then.Size, "entry", "entries")} then, and has {now.Size} now.");
            List<Digest> proof = then.Size == 0 ? [] : new MerkleTree(now.Size, files.ReadHashes).ProveConsistency(then.Size);
            if (then.Size > 0 && !Proof.IsConsistent(then.Size, now.Size, proof, then.Root, now.Root)) throw new CommandFailure($"NOT consistent: the first {then.Size} entries are not those of then.");
            foreach (Digest hash in proof) Console.Out.WriteLine(hash.ToBase64());
            Console.Error.WriteLine($"Consistent: the first {Figures.Count(then.Size, "entry is", "entries are")} as they were.");
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static NoteKey ReadKey(string? given, DirectoryInfo? ledger)
    {
        string beside = ledger is null ? "" : Path.Combine(ledger.Parent?.FullName ?? "", "keys", "ledger.key.pub");
        string text = given ?? (File.Exists(beside) ? File.ReadAllText(beside) : throw new CommandFailure($"Whose ledger is it? Give its public key with --key; there is none at {beside}."));
        if (given is not null && File.Exists(given)) text = File.ReadAllText(given);
        return NoteKey.TryParse(text.Trim(), out NoteKey? key) ? key! : throw new CommandFailure("The key is not a ledger's public key: expected name+id+base64, as GET /api/ledger shows it.");
    }

    private static Checkpoint ReadCheckpoint(FileInfo file, NoteKey key, string? witness = null)
    {
        if (witness is not null)
        {
            if (!NoteKey.TryParse(witness, out NoteKey? cosigner)) throw new CommandFailure("The witness's key is not one: expected name+id+base64.");
            if (SignedNote.Parse(File.ReadAllText(file.FullName)) is not { } note || !note.IsSignedBy(cosigner!)) throw new CommandFailure($"{file.Name} has no valid signature of {cosigner!.Name}.");
        }
        var (checkpoint, wrong) = Checkpoint.Open(File.ReadAllText(file.FullName), key);
        return checkpoint ?? throw new CommandFailure($"{file.Name} is no checkpoint of this ledger: {wrong}.");
    }
}
