using System.Globalization;
using System.Text;
using Waybill.Processes;

namespace Waybill.Ledger;

/// <summary>A witness signs what contains all it has signed before, and nothing else, whatever it is shown and however it ends.</summary>
public sealed class WitnessTests : IDisposable
{
    private static readonly NoteSigner Log = new("waybill.test/ledger", new byte[32]), Other = new("waybill.test/ledger", [.. Enumerable.Repeat((byte)1, 32)]);
    private readonly string _directory = Directory.CreateTempSubdirectory("wb-witness-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private Witness Open() => new(Path.Combine(_directory, "witness"), "witness.test", [Log.Key], TimeProvider.System);

    [Fact]
    public void Growth_is_cosigned_and_forks_shrinking_replays_and_strangers_are_not()
    {
        Witness witness = Open();
        LedgerLog log = Grow("log", 10, "a"), fork = Grow("fork", 10, "a");
        WitnessAnswer first = witness.AddCheckpoint(Body(0, [], log.Head.Note));
        Assert.Equal(200, first.Status);
        Assert.True(SignedNote.Parse(log.Head.Note + first.Text)!.IsSignedBy(witness.Key));
        string old = log.Head.Note;
        Append(log, 7, "b");
        Append(fork, 7, "c");
        Assert.Equal(200, Show(witness, log, 10).Status);

        int cosigned = 0;
        for (int i = 0; i < Switches.Number("WAYBILL_WITNESS_ROUNDS", 1_000); i++)
        {
            var random = new Random(i);
            WitnessAnswer answer = (i % 6) switch
            {
                0 => Show(witness, fork, 10),                                                   // another history since 10
                1 => witness.AddCheckpoint(Body(17, [], fork.Head.Note)),                       // the same size, another root
                2 => witness.AddCheckpoint(Body(10, [], old)),                                  // what it was
                3 => witness.AddCheckpoint(Body(random.Next(0, 17), [], log.Head.Note)),        // from where it does not stand
                4 => witness.AddCheckpoint(Body(17, [Digest.Empty], log.Head.Note)),            // a proof of nothing
                _ => witness.AddCheckpoint(Body(17, [], new Checkpoint("waybill.test/ledger", 17, log.Head.Root).Signed(Other))),
            };
            if (answer.Status == 200) cosigned++;
        }
        Assert.Equal(0, cosigned);
        Assert.Equal(409, Show(witness, fork, 10).Status);
        Assert.Equal("17\n", witness.AddCheckpoint(Body(3, [], log.Head.Note)).Text);
        Assert.Equal(404, witness.AddCheckpoint(Body(0, [], new Checkpoint("another.log", 1, Digest.Empty).Signed(new NoteSigner("another.log", new byte[32])))).Status);
        Assert.Equal(403, witness.AddCheckpoint(Body(17, [], new Checkpoint("waybill.test/ledger", 18, Digest.Empty).Signed(Other))).Status);
        Assert.Equal(400, witness.AddCheckpoint(Body(18, [], log.Head.Note)).Status);
        foreach (string nonsense in (string[])["", "old", "old 1\n\n", "old -1\n\nx", $"old 17\nnot base64\n\n{log.Head.Note}"]) Assert.Equal(400, witness.AddCheckpoint(nonsense).Status);
        Append(log, 1, "d");
        List<Digest> wrong = log.Tree().ProveConsistency(16);
        Assert.Equal(422, witness.AddCheckpoint(Body(17, wrong, log.Head.Note)).Status);

        // It remembers over restarts; without its memory it does not start.
        Assert.Equal(409, Show(Open(), fork, 10).Status);
        Assert.Equal(200, Show(Open(), log, 17).Status);
        File.Delete(Path.Combine(_directory, "witness", "state"));
        Assert.Throws<IOException>(Open);
        log.Dispose();
        fork.Dispose();
    }

    [Fact]
    public async Task A_server_witnesses_another_ledger_and_its_client_starts_where_the_witness_stands()
    {
        await using var server = await WaybillServer.Start(new Dictionary<string, string> { ["WAYBILL_LEDGER__WITNESSEDLOGS__0"] = Log.Key.ToString() });
        KnownWitness witness = KnownWitness.Parse($"{server.At.Api.BaseAddress}witness {(await server.At.Api.GetStringAsync("/witness/key", Cancel)).Trim()}")!;
        using var http = new HttpClient();
        using LedgerLog log = Grow("log", 300, "a"), fork = Grow("fork", 400, "z");
        foreach (int more in (int[])[0, 1, 700])
        {
            if (more > 0) Append(log, more, "b");
            var (line, wrong) = await WitnessClient.Submit(http, witness, log.Head.Note, log.Tree(), old: 0, Cancel);
            Assert.True(line is not null, wrong);
            Assert.True(SignedNote.Parse(log.Head.Note + line)!.IsSignedBy(witness.Key));
        }
        var (none, why) = await WitnessClient.Submit(http, witness, fork.Head.Note, fork.Tree(), old: 0, Cancel);
        Assert.Equal((null, "it has signed 1001 entries of this log, which has 400: the log was put back, or forked"), (none, why));
        Append(fork, 700, "z");
        (none, why) = await WitnessClient.Submit(http, witness, fork.Head.Note, fork.Tree(), old: 0, Cancel);
        Assert.Null(none);
        Assert.StartsWith("it answered 422", why, StringComparison.Ordinal);
    }

    private LedgerLog Grow(string name, int count, string text)
    {
        LedgerLog log = LedgerLog.Open(Path.Combine(_directory, name), Log);
        Append(log, count, text);
        return log;
    }

    private static void Append(LedgerLog log, int count, string text) => log.Append([.. Enumerable.Range(0, count).Select(i => Encoding.UTF8.GetBytes($"{text}{i}"))]);

    private static WitnessAnswer Show(Witness witness, LedgerLog log, long old) => witness.AddCheckpoint(Body(old, log.Tree().ProveConsistency(old), log.Head.Note));

    private static string Body(long old, List<Digest> proof, string note) => string.Create(CultureInfo.InvariantCulture, $"old {old}\n{string.Concat(proof.Select(hash => hash.ToBase64() + "\n"))}\n{note}");
}
