using Waybill.SpoolWriter;

namespace Waybill.Spool;

/// <summary>Random histories of appends, inserts that fail half way, restarts and damage, against a model that remembers what must be delivered.</summary>
public sealed class SpoolModelTests(ITestOutputHelper output)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Set WAYBILL_MODEL_SEED to repeat one history, WAYBILL_MODEL_RUNS for more than the 40 of an ordinary run.</summary>
    [Fact]
    public async Task Whatever_happens_each_record_is_delivered_once_unless_its_bytes_were_damaged()
    {
        int first = int.Parse(Environment.GetEnvironmentVariable("WAYBILL_MODEL_SEED") ?? $"{Environment.TickCount & 0xffffff}");
        int runs = int.Parse(Environment.GetEnvironmentVariable("WAYBILL_MODEL_RUNS") ?? "40");
        output.WriteLine($"WAYBILL_MODEL_SEED={first} WAYBILL_MODEL_RUNS={runs}");
        for (int seed = first; seed < first + runs; seed++)
        {
            using SpoolDirectory directory = new();
            using History history = new(directory, new Random(seed));
            await history.Live(steps: 60);
            history.Check(seed);
        }
    }

    private sealed class History(SpoolDirectory directory, Random random) : IDisposable
    {
        private readonly StoppedTime _time = new();
        private readonly SpoolRecord _record = new();
        private readonly Dictionary<string, List<long>> _engine = [];   // what was inserted, by token
        private SpoolLog? _spool;
        private long _appended;
        private int _flips, _deliveredTwice;

        private SpoolLog Spool => _spool ??= directory.Open(new()
        {
            Directory = directory.Path, BallastBytes = 0, SegmentAgeMax = TimeSpan.Zero, SegmentBytesMax = 64 * 1024, DiskFreeRatioMin = 0,
        }, _time);

        public async Task Live(int steps)
        {
            for (int step = 0; step < steps; step++)
            {
                _time.Advance(TimeSpan.FromSeconds(random.Next(30)));
                await (random.Next(10) switch
                {
                    < 5 => Append(random.Next(1, 30)),
                    5 or 6 => Insert(delete: true),
                    7 => Insert(delete: false),
                    8 => Restart(),
                    _ => Damage(),
                });
            }
            await Restart();
            while (Spool.Status.SegmentsWaiting > 0) await Insert(delete: true);
            await Restart();
        }

        public void Check(int seed)
        {
            long[] delivered = [.. _engine.Values.SelectMany(numbers => numbers)];
            long[] missing = [.. Enumerable.Range(0, (int)_appended).Select(n => (long)n).Except(delivered)];
            Assert.True(delivered.Length == delivered.Distinct().Count(), $"Seed {seed}: delivered twice.");
            Assert.True(_deliveredTwice == 0, $"Seed {seed}: a token came with rows it had not before.");
            Assert.True(missing.Length == _flips, $"Seed {seed}: {missing.Length} of {_appended} missing after {_flips} flips.");
            Assert.True(directory.Quarantined.Length == _flips, $"Seed {seed}: {directory.Quarantined.Length} files in quarantine after {_flips} flips.");
        }

        private async Task Append(int count)
        {
            for (int i = 0; i < count; i++)
            {
                NumberedRecord.Fill(_record, _appended, _time);
                await Spool.Append(_record, Cancel);
                _appended++;
            }
        }

        private async Task Insert(bool delete)
        {
            if (Spool.Status.SegmentsWaiting == 0) return;
            using SealedSegment segment = await Spool.Take(Cancel);
            List<long> numbers = await SpoolDirectory.Numbers(segment);
            if (!_engine.TryAdd(segment.Id, numbers) && numbers.Except(_engine[segment.Id]).Any()) _deliveredTwice++;
            if (delete) await segment.Delete();
        }

        private async Task Restart()
        {
            if (_spool is null) return;
            await _spool.DisposeAsync();
            _spool = null;
        }

        // One flip in a segment at most, while the spool is closed, so that every flip costs exactly one record.
        private async Task Damage()
        {
            if (random.Next(3) != 0) return;
            while (Spool.Status.SegmentsWaiting > 0) await Insert(delete: true);
            await Append(random.Next(1, 40));
            await Restart();
            string path = directory.SegmentFiles[^1];
            byte[] bytes = await File.ReadAllBytesAsync(path, Cancel);
            int at = random.Next(SegmentFile.HeaderBytes, bytes.Length);
            bytes[at] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(path, bytes, Cancel);
            _flips++;
            while (Spool.Status.SegmentsWaiting > 0) await Insert(delete: true);
        }

        public void Dispose() => _spool?.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
