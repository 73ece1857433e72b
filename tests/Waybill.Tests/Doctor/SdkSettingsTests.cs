namespace Waybill.Doctor;

public sealed class SdkSettingsTests
{
    private static IReadOnlyList<Finding> Examine(params string[] settings) =>
        SdkSettings.Examine(settings.Select(setting => setting.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]), 4317, 4318);

    [Fact]
    public void Without_settings_all_is_well() => Assert.Equal(Level.Ok, Assert.Single(Examine()).Level);

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317, or export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317", "OTEL_EXPORTER_OTLP_PROTOCOL=http/json", "export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318, or export OTEL_EXPORTER_OTLP_PROTOCOL=grpc")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:4318", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "export OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:4318/v1/traces")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318/v1/traces", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=127.0.0.1:4317", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=https://127.0.0.1:4317", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317")]
    [InlineData("OTEL_TRACES_SAMPLER=always_off", "OTEL_SERVICE_NAME=shop", "unset OTEL_TRACES_SAMPLER; Waybill keeps everything and samples afterwards")]
    public void A_setting_that_loses_telemetry_fails_with_its_fix(string first, string second, string fix)
    {
        Finding failure = Assert.Single(Examine(first, second, "OTEL_RESOURCE_ATTRIBUTES=service.name=shop"), finding => finding.Level == Level.Fail);
        Assert.Equal(fix, failure.Fix);
    }

    [Fact]
    public void A_missing_service_name_is_a_warning() =>
        Assert.Contains(Examine("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"), finding => finding is { Level: Level.Warn, Fix: "export OTEL_SERVICE_NAME=my-service" });
}
