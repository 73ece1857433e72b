using Waybill.SpoolWriter;

return args switch
{
    ["write", string directory, string sink, string first, string count, string appenders, .. string[] runBytes] =>
        await Writer.Run(directory, sink, long.Parse(first), long.Parse(count), int.Parse(appenders), runBytes is [string bytes] ? int.Parse(bytes) : null),
    ["measure", string directory, string appenders, string recordBytes, string seconds, .. string[] more] when more is [] or ["append-only"] =>
        await Measurement.Run(directory, int.Parse(appenders), int.Parse(recordBytes), double.Parse(seconds), insert: more is []),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        Waybill.SpoolWriter write DIRECTORY SINK FIRST COUNT APPENDERS [RUN_BYTES]
          Appends the records FIRST .. FIRST+COUNT-1 and prints "ack N" for each; SINK is a directory that stands for the engine, or - for none.
          Records differ in length unless RUN_BYTES is given.
          Ends with 0, or with 3 when the spool failed.
        Waybill.SpoolWriter measure DIRECTORY APPENDERS RECORD_BYTES SECONDS [append-only]
          Prints throughput, latency of acknowledgements, and processor time per GB; an inserter reads and deletes meanwhile.
        """);
    return 2;
}
