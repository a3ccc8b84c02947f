using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace Orchestrator.Silo.Health;

/// <summary>Whom the access rights of a file or folder let in beside its owner, the administrators and the system. The Windows half is built, not run there.</summary>
internal static class OthersAccess
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>In words; empty = nobody else. A file that is not there lets nobody in.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="writing">True: only who may write.</param>
    public static string Of(string path, bool writing = false)
    {
        try
        {
            if (!Path.Exists(path))
            {
                return "";
            }
            if (OperatingSystem.IsWindows())
            {
                return ByList(path, writing);
            }
            var mode = File.GetUnixFileMode(path);
            return (mode & (writing ? OthersWrite : Others)) == 0
                ? ""
                : $"mode {Convert.ToString((int)mode, 8).PadLeft(4, '0')}";
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return "its access rights cannot be read: " + e.Message;
        }
    }

    [SupportedOSPlatform("windows")]
    private static string ByList(string path, bool writing)
    {
        var rights =
            FileSystemRights.WriteData
            | FileSystemRights.AppendData
            | FileSystemRights.Delete
            // Read, or list: what shows the content.
            | (writing ? 0 : FileSystemRights.ReadData);
        FileSystemSecurity security = Directory.Exists(path)
            ? new DirectoryInfo(path).GetAccessControl()
            : new FileInfo(path).GetAccessControl();
        using var self = WindowsIdentity.GetCurrent();
        SecurityIdentifier?[] own =
        [
            self.User,
            security.GetOwner(typeof(SecurityIdentifier)) as SecurityIdentifier,
            new(WellKnownSidType.LocalSystemSid, null),
            new(WellKnownSidType.BuiltinAdministratorsSid, null),
            new(WellKnownSidType.CreatorOwnerSid, null),
        ];
        var others = security
            .GetAccessRules(true, true, typeof(SecurityIdentifier))
            .OfType<FileSystemAccessRule>()
            .Where(r =>
                r.AccessControlType == AccessControlType.Allow
                && (r.FileSystemRights & rights) != 0
                && !own.Contains(r.IdentityReference)
            )
            .Select(r => Name((SecurityIdentifier)r.IdentityReference))
            .Distinct()
            .ToList();
        return others.Count == 0 ? "" : "open to " + string.Join(", ", others);
    }

    [SupportedOSPlatform("windows")]
    private static string Name(SecurityIdentifier identity)
    {
        try
        {
            return identity.Translate(typeof(NTAccount)).Value;
        }
        catch (IdentityNotMappedException)
        {
            return identity.Value;
        }
    }
}
