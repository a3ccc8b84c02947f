using System.Globalization;

namespace Orchestrator.Silo.Runners;

/// <summary>
/// The last epoch that a silo on this data directory began, in a file <c>host.epoch</c>. The directory is held by one silo
/// at a time: whoever finds its own epoch in the store knows that the life that held it is over.
/// </summary>
/// <param name="dataDirectory">The data directory.</param>
/// <param name="alone">True when the store lies in the directory too: then every former life is known to be over.</param>
internal sealed class HostMark(string dataDirectory, bool alone)
{
    private readonly string file = Path.Combine(dataDirectory, "host.epoch");

    /// <summary>True when the epoch of this host was begun here.</summary>
    public bool IsOurs(string host, long epoch)
    {
        if (alone)
        {
            return true;
        }
        try
        {
            return File.ReadAllText(file).Trim() == Text(host, epoch);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // never began here, or cannot tell: then the lease is waited for
        }
    }

    /// <summary>Notes an epoch once it has begun: a crash between the two costs a wait for the lease, nothing else.</summary>
    public void Write(string host, long epoch)
    {
        var part = file + ".tmp";
        File.WriteAllText(part, Text(host, epoch));
        File.Move(part, file, overwrite: true);
    }

    private static string Text(string host, long epoch) =>
        string.Create(CultureInfo.InvariantCulture, $"{host} {epoch}");
}
