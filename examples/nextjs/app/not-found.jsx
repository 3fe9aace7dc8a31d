import Link from "next/link";

export default function Missing() {
  return (
    <>
      <h1>There is nothing here.</h1>
      <p className="actions">
        <Link className="button" href="/">
          Home
        </Link>
      </p>
    </>
  );
}
