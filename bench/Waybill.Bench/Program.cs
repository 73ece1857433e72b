using System.CommandLine;
using Waybill.Causes;
using Waybill.Ingest;
using Waybill.Overload;
using Waybill.Payloads;
using Waybill.Posting;
using Waybill.Read;
using Waybill.Redaction;
using Waybill.Search;

return await new RootCommand("Measures Waybill from outside: bench/README.md says what the figures mean.")
{
    IngestCommand.Create(),
    RedactionCommand.Create(),
    ReadCommand.Create(),
    SearchCommand.Create(),
    OverloadCommand.Create(),
    SdkCommand.Create(),
    PayloadCommand.Create(),
    PostCommand.Create(),
    CausesCommand.Create(),
    ShopCommand.Create(),
    TimesCommand.Create(),
}.Parse(args).InvokeAsync();
