using System.Text.RegularExpressions;
using Orchestrator.UnitTests.House;
using Xunit;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Orchestrator.UnitTests.Deploy;

/// <summary>What deploy/compose.yaml and deploy/Dockerfile say. Neither was run by a container engine.</summary>
public sealed partial class ComposeTests
{
    private static readonly string[] Silos = ["silo-1", "silo-2"];

    [Fact]
    public void There_are_one_database_and_two_silos_that_share_one_loopback()
    {
        var services = Section("services");

        Assert.Equal(["db", "net", .. Silos], services.Keys.Cast<string>());
        Assert.All(Silos, s => Assert.Equal("service:net", Map(services, s)["network_mode"]));
        // Nothing listens on an address that another machine reaches, so nothing is published.
        Assert.All(services.Keys, s => Assert.DoesNotContain("ports", Map(services, s).Keys));
        Assert.All(
            Silos,
            s =>
                Assert.StartsWith(
                    "http://127.0.0.1:",
                    (string)((List<object>)Map(services, s)["command"])[1],
                    StringComparison.Ordinal
                )
        );
    }

    [Fact]
    public void Silos_differ_in_host_ports_and_data()
    {
        var services = Section("services");
        string Of(string silo, string name) =>
            (string)Map(Map(services, silo), "environment")[name];

        Assert.Equal(Silos, Silos.Select(s => Of(s, "Runner__Host")));
        Assert.Equal(2, Silos.Select(s => Of(s, "Cluster__SiloPort")).Distinct().Count());
        Assert.Equal(
            2,
            Silos.Select(s => ((List<object>)Map(services, s)["command"])[1]).Distinct().Count()
        );
        Assert.Equal(
            Silos.Select(s => s + ":/var/lib/orchestrator"),
            Silos.Select(s => (string)((List<object>)Map(services, s)["volumes"])[0])
        );
    }

    [Fact]
    public void Every_volume_network_and_secret_that_a_service_names_is_declared()
    {
        var services = Section("services");
        IEnumerable<string> Named(string key) =>
            services
                .Keys.Select(s => Map(services, s))
                .Where(s => s.ContainsKey(key))
                .SelectMany(s => (List<object>)s[key])
                .Select(v => ((string)v).Split(':')[0])
                .Distinct()
                .Order();

        Assert.All(
            (string[])["volumes", "networks", "secrets"],
            key => Assert.Equal(Named(key), Section(key).Keys.Cast<string>().Order())
        );
    }

    [Fact]
    public void The_password_is_in_secret_files_only()
    {
        var text = Repository.Read("deploy/compose.yaml");
        var services = Section("services");

        Assert.DoesNotContain("Password=", text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(
            "/run/secrets/db_password",
            Map(Map(services, "db"), "environment")["POSTGRES_PASSWORD_FILE"]
        );
        Assert.All(
            Silos,
            s =>
                Assert.Contains(
                    "Passfile=/run/secrets/pgpass",
                    (string)Map(Map(services, s), "environment")["Cluster__ConnectionString"]
                )
        );
        Assert.Contains("deploy/secrets", Repository.Read(".gitignore"));
        Assert.Contains("deploy/secrets", Repository.Read(".dockerignore"));
    }

    [Fact]
    public void Whoever_is_started_is_asked_for_its_health()
    {
        var services = Section("services");

        Assert.All(
            services.Keys.Where(s => (string)s != "net"),
            s => Assert.Contains("test", Map(Map(services, s), "healthcheck").Keys)
        );
        Assert.All(
            Silos,
            s =>
                Assert.Equal(
                    "service_healthy",
                    Map(Map(Map(services, s), "depends_on"), "db")["condition"]
                )
        );
    }

    [Fact]
    public void Images_are_pinned_and_the_image_does_not_run_as_root()
    {
        var file = Repository.Read("deploy/Dockerfile");
        var images = From()
            .Matches(file)
            .Select(m => m.Groups["image"].Value)
            .Append((string)Map(Section("services"), "db")["image"])
            .ToList();

        Assert.Equal(3, images.Count);
        Assert.All(images, i => Assert.Matches(@":\d+\.\d+(\.\d+)?-\w+$", i));
        Assert.Matches(@"(?m)^USER [1-9]\d*:[1-9]\d*$", file);
    }

    private static Dictionary<object, object> Section(string name)
    {
        var parser = new MergingParser(
            new Parser(new StringReader(Repository.Read("deploy/compose.yaml")))
        );
        var all = new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(parser);
        return Map(all, name);
    }

    private static Dictionary<object, object> Map(Dictionary<object, object> map, object key) =>
        Assert.IsType<Dictionary<object, object>>(map[key]);

    [GeneratedRegex(@"^FROM (?<image>\S+)", RegexOptions.Multiline)]
    private static partial Regex From();
}
