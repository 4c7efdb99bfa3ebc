# A throwaway certificate authority. To be sourced.

# make_authority DIR: DIR/ca.pem and its key.
make_authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=Throwaway CA" \
    -keyout "$1/ca.key" -out "$1/ca.pem" 2> /dev/null
}

# make_certificate DIR DOMAIN: DIR/DOMAIN.pem and DIR/DOMAIN.key, signed by the authority in DIR.
make_certificate() {
  local dir=$1 domain=$2
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$domain" \
    -keyout "$dir/$domain.key" -out "$dir/$domain.csr" 2> /dev/null
  openssl x509 -req -in "$dir/$domain.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days 30 \
    -extfile <(printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$domain") \
    -out "$dir/$domain.pem" 2> /dev/null
}
