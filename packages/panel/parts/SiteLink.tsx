import { Link } from '@tanstack/react-router';

/** A site by its name, which leads to its page. */
export function SiteLink({ site }: { readonly site: { readonly id: string; readonly name: string } }) {
  return (
    <Link to="/sites/$site" params={{ site: site.id }}>
      {site.name}
    </Link>
  );
}
