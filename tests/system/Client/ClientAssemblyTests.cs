using System.Reflection;
using System.Runtime.Loader;
using Xunit;

namespace Orchestrator.SystemTests.Client;

/// <summary>The client library as a foreign host meets it: beside its own few assemblies and nothing else.</summary>
[Collection(Name)]
public sealed class ClientAssemblyTests : IDisposable
{
    /// <summary>Tests that look at all assemblies of the process do not run while some are loaded a second time.</summary>
    public const string Name = "assemblies";

    private WeakReference? unloading;

    private static readonly string Folder = Path.GetDirectoryName(
        SiloProcess.Output("Orchestrator.Cli", "orchestrator")
    )!;

    [Fact]
    public void A_host_may_scan_every_type_member_and_attribute_of_the_client()
    {
        var host = new Host();
        var assembly = host.LoadFromAssemblyPath(Path.Combine(Folder, "Orchestrator.Client.dll"));

        var seen = Scan(assembly);

        Assert.True(seen > 20, $"only {seen} members were seen");
        unloading = new WeakReference(host);
        host.Unload();
    }

    [Theory]
    [InlineData("Orchestrator.Client.dll")]
    [InlineData("orchestrator.dll")]
    public void The_client_needs_no_Orleans_client_or_runtime(string file)
    {
        var host = new Host();
        var references = host.LoadFromAssemblyPath(Path.Combine(Folder, file))
            .GetReferencedAssemblies()
            .Select(a => a.Name!);

        Assert.DoesNotContain(
            references,
            r =>
                r.StartsWith("Orleans", StringComparison.Ordinal)
                && r != "Orleans.Serialization.Abstractions"
        );
        Assert.Empty(Directory.EnumerateFiles(Folder, "Orleans.Runtime*"));
        Assert.Empty(Directory.EnumerateFiles(Folder, "Orleans.Core.dll"));
        unloading = new WeakReference(host);
        host.Unload();
    }

    /// <summary>Returns when the second copies are gone: a serializer that is made later would find their types.</summary>
    public void Dispose()
    {
        for (var round = 0; round < 20 && unloading is { IsAlive: true }; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private static int Scan(Assembly assembly)
    {
        var seen = 0;
        foreach (var type in assembly.GetTypes())
        {
            type.GetCustomAttributes(inherit: true);
            foreach (
                var member in type.GetMembers(
                    BindingFlags.Public
                        | BindingFlags.NonPublic
                        | BindingFlags.Instance
                        | BindingFlags.Static
                )
            )
            {
                member.GetCustomAttributes(inherit: true);
                if (member is MethodBase method)
                {
                    foreach (var parameter in method.GetParameters())
                    {
                        parameter.GetCustomAttributes(inherit: true);
                    }
                }
                seen++;
            }
        }
        return seen;
    }

    // Knows the files beside the client and the framework; everything else is missing, as at a stranger's.
    private sealed class Host() : AssemblyLoadContext(isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            var file = Path.Combine(Folder, assemblyName.Name + ".dll");
            if (File.Exists(file))
            {
                return LoadFromAssemblyPath(file);
            }
            var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
            return File.Exists(Path.Combine(framework, assemblyName.Name + ".dll"))
                ? null
                : throw new FileNotFoundException($"{assemblyName.Name} is not beside the client.");
        }
    }
}
